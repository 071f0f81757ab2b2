"""Every list a page shows has an end: a LIMIT, the ids that were asked for, or a reason that stands here (row 55)."""

import ast
import re

from forum.kit.db import run, value
from forum.members import queries
from tests.factories import a_category, a_member, sign_in_as
from tests.moderation.scenes import an_admin
from tests.test_architecture import CODE, place, tree

BY_HAND = "administrators make them one by one"
A_FEW = "the command that adds one says how many there may be"
ENDS = {
    "forum/categories/queries.py rooms": BY_HAND,
    "forum/categories/queries.py locked": BY_HAND,
    "forum/categories/register.py register": BY_HAND,
    "forum/categories/register.py groups": BY_HAND,
    "forum/categories/register.py moderators": BY_HAND,
    "forum/districts/queries.py districts": BY_HAND,
    "forum/districts/queries.py domains": BY_HAND,
    "forum/districts/queries.py rules": BY_HAND,
    "forum/members/staff_queries.py groups": BY_HAND,
    "forum/members/staff_queries.py groups_of": BY_HAND,
    "forum/members/addresses.py own_addresses": A_FEW,
    "forum/identities/key_queries.py keys": A_FEW,
    "forum/following/hearing.py heard": "of the posts that were asked for, everybody who hears, for jobs",
    "forum/kit/queue.py waiting": "one row for each kind of job and state",
    "forum/mail/digests/choosing.py chosen": "of the digests that were asked for, at most 25 things each are shown",
    "forum/mail/digests/dates.py coming_events": "of the digests that were asked for, at most 25 each",
    "forum/moderation/health.py weeks": "one row a week, and of so many weeks",
    "forum/products/prices.py publish": "each price is published once, and is gone from the list",
    "forum/products/scoring.py peer_scores": "one row for each product that was asked for",
    "forum/site/queries.py setting": "one row",
    "forum/notifications/queries.py _lines": "both statements end in a LIMIT",
    "forum/threads/lists.py threads": "each order's statement ends in a LIMIT, as the test below sees",
}


def statement(call: ast.Call, constants: dict[str, ast.expr]) -> str:
    """The words of a question, with those of the constants and local names it is made of."""
    names = {node.id for node in ast.walk(call) if isinstance(node, ast.Name)}
    return " ".join([ast.unparse(call), *(ast.unparse(constants[name]) for name in names if name in constants)])


def endless() -> set[str]:
    """The functions that ask for many rows without saying how many."""
    found = set()
    for path in CODE:
        if path.parts[-2] in ("demo", "archive") or place(path) == "forum/kit/db.py":
            continue
        code = tree(path)
        constants = {
            target.id: node.value
            for node in ast.walk(code)
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for function in (node for node in ast.walk(code) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)):
            for call in (node for node in ast.walk(function) if isinstance(node, ast.Call)):
                if isinstance(call.func, ast.Name) and call.func.id == "many":
                    asked = statement(call, constants)
                    if not re.search(r"LIMIT|= ANY\(\s*(?:CAST\()?:", asked):
                        found.add(f"{place(path)} {function.name}")
    return found


def test_every_list_has_an_end_or_a_reason_to_have_none():
    assert endless() == set(ENDS)


async def test_the_list_of_sessions_ends_and_signing_out_everywhere_ends_all(db, web):
    ann = await sign_in_as(web, db, await a_member(db))
    await run(
        db,
        """
        INSERT INTO session (token_hash, member_id, device, expires_at)
        SELECT sha256(CAST(CAST(n AS text) AS bytea)), :id, 'x', now() + interval '1 day'
        FROM generate_series(1, 300) n
        """,
        id=ann.id,
    )

    assert len(await queries.open_sessions(db, ann)) == 100
    assert len((await web.get("/settings/security")).content) < 300_000
    await web.post("/settings/sessions/end-all")
    assert await value(db, "SELECT count(*) FROM session") == 0


async def test_pages_stay_of_a_size_however_much_there_is(db, web):
    """Three hundred of everything that people make: no page shows more than its share."""
    await sign_in_as(web, db, await an_admin(db))
    slug = await a_category(db, read_by="everyone")
    ids = {"author": (await a_member(db)).id, "category": await value(db, "SELECT id FROM category")}
    for statement_ in MUCH:
        await run(db, statement_, **{name: number for name, number in ids.items() if f":{name}" in statement_})
    paths = [
        "/",
        "/unread",
        f"/c/{slug}",
        f"/c/{slug}/top",
        "/people",
        "/people/requests",
        "/admin/invitations",
        "/log",
    ]
    paths += [
        "/topics",
        "/moderation",
        "/moderation/log",
        "/moderation/words",
        "/search?q=thread",
        "/admin/jobs",
        "/drafts",
        "/notifications",
        "/notifications/done",
    ]
    thread = await value(db, "SELECT min(id) FROM thread")
    paths += [f"/t/{thread}", f"/t/{thread}?order=helpful", f"/p/{await value(db, 'SELECT min(id) FROM post')}/history"]

    for path in paths:
        answer = await web.get(path, follow_redirects=True)
        assert answer.status_code == 200, path
        assert len(re.findall(r"<(?:li|tr|article)\b", answer.text)) < 450, path
        assert len(answer.content) < 600_000, path


MUCH = (
    """
    INSERT INTO member (handle, name) SELECT 'much' || n, 'Much ' || n FROM generate_series(1, 300) n
    """,
    """
    INSERT INTO thread (category_id, author_id, kind, title, slug, client_key, next_number, last_number)
    SELECT :category, :author, 'question', 'A thread of much ' || n, 'x', 'k' || n, 2, 1 FROM generate_series(1, 300) n
    """,
    """
    INSERT INTO post (thread_id, number, author_id, source, html, client_key)
    SELECT t.id, 1, :author, 'First', '<p>First</p>', 'first' || t.id FROM thread t
    """,
    """
    INSERT INTO post (thread_id, number, author_id, source, html, client_key)
    SELECT (SELECT min(t.id) FROM thread t), n, :author, 'Words', '<p>Words</p>', 'p' || n
    FROM generate_series(2, 301) n
    """,
    """
    UPDATE thread SET next_number = 302, last_number = 301, reply_count = 300
    WHERE id = (SELECT min(t.id) FROM thread t)
    """,
    """
    INSERT INTO join_request (address, name) SELECT 'j' || n || '@district.example', 'J ' || n
    FROM generate_series(1, 300) n
    """,
    """
    INSERT INTO invitation (address, invited_by) SELECT 'i' || n || '@district.example', :author
    FROM generate_series(1, 300) n
    """,
    """
    INSERT INTO audit_entry (actor_id, act, subject_kind, subject_id, category_id, is_public)
    SELECT :author, 'thread.locked', 'thread', n, :category, true FROM generate_series(1, 300) n
    """,
    """
    INSERT INTO topic (slug) SELECT 'topic-' || n FROM generate_series(1, 300) n
    """,
    """
    INSERT INTO thread_topic (thread_id, topic_id)
    SELECT (SELECT min(t.id) FROM thread t) + o.n, o.id FROM (SELECT id, row_number() OVER () AS n FROM topic) o
    WHERE o.n < 300
    """,
    """
    INSERT INTO notification (member_id, thread_id, post_ids, reasons, target_ids, done_at)
    SELECT m.id, p.thread_id, ARRAY[p.id], ARRAY['everything'], ARRAY[0], done.at
    FROM member m, post p, (VALUES (NULL), (now())) done (at)
    WHERE m.role = 'admin' AND p.number = 1
    """,
)
