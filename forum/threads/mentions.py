"""Mentions in a post: only those that name a member stay links. Owns the table mention."""

import re
from collections.abc import Sequence
from dataclasses import replace

from forum.kit import outbox
from forum.kit.db import Database, rows, run
from forum.kit.markdown import Rendered
from forum.members.types import Actor

# As kit/mentions.py and kit/sanitize.py write them.
LINK = re.compile(r'<a class="mention" href="/people/([a-z0-9._-]{1,40})"[^<>]*>(@[^<>]*)</a>')


INNERMOST_QUOTE = re.compile(r"<blockquote[^>]*>(?:(?!<blockquote).)*?</blockquote>", re.DOTALL)
DEEPEST_QUOTE = 8
MOST_CALLED = 20  # who names more calls nobody beyond them
# Also those who are called no more: who is named, taken out and named again hears of it once.
NOTE_SQL = """
    INSERT INTO mention (post_id, member_id, since, seen_at)
    SELECT p.id, m.id, CASE WHEN w.was_called THEN p.created_at ELSE now() END,
           CASE WHEN w.was_called THEN p.created_at END
    FROM post p
    JOIN member m ON m.handle = ANY(CAST(:before AS text[]) || CAST(:after AS text[])) AND m.state = 'active'
    CROSS JOIN LATERAL (SELECT m.handle = ANY(CAST(:before AS text[])) AS was_called) w
    WHERE p.id = :post_id
    ORDER BY m.id
    ON CONFLICT DO NOTHING
    RETURNING seen_at IS NULL AS is_late
"""
# Whom a later edit of post `p` named, and who have not been shown it since.
UNSEEN = "SELECT e.member_id FROM mention e WHERE e.post_id = p.id AND e.seen_at IS NULL"


def called(html: str) -> tuple[str, ...]:
    """The handles that a post calls, up to 20 in their order: not those in quotes, who were called before."""
    for _ in range(DEEPEST_QUOTE):
        html, count = INNERMOST_QUOTE.subn(" ", html)
        if not count:
            break
    return tuple(dict.fromkeys(found[1] for found in LINK.finditer(html)))[:MOST_CALLED]


def unlinked(html: str) -> str:
    """A post for vendors, who do not see people's pages: mentions are plain words."""
    return LINK.sub(r"\2", html)


async def known(db: Database, rendered: Rendered) -> Rendered:
    """`rendered` with mentions of nobody as plain words; who joins later under that handle was not meant."""
    handles = sorted({found[1] for found in LINK.finditer(rendered.html)})
    if not handles:
        return rendered
    found = await rows(
        db,
        """
        SELECT m.handle FROM member m
        WHERE m.handle = ANY(CAST(:handles AS text[])) AND m.state IN ('active', 'unclaimed', 'deactivated')
        """,
        handles=handles,
    )
    there = {row["handle"] for row in found}
    html = LINK.sub(lambda link: link[0] if link[1] in there else link[2], rendered.html)
    return replace(rendered, html=html, mentions=tuple(handle for handle in rendered.mentions if handle in there))


async def note(db: Database, post_id: int, before: str, after: str) -> None:
    """Within a transaction that holds its thread: a post has another text, as HTML. Whom it calls anew hears of it."""
    old, new = called(before), called(after)
    if set(old) == set(new):
        return
    noted = await rows(db, NOTE_SQL, post_id=post_id, before=list(old), after=list(new))
    if any(row["is_late"] for row in noted):
        await outbox.emit(db, "mention.added", post_id=post_id)


async def see(db: Database, actor: Actor, post_ids: Sequence[int]) -> None:
    """`actor` is shown these posts: that a later edit named them there is no news any more."""
    await run(
        db,
        """
        UPDATE mention SET seen_at = now()
        WHERE member_id = :actor_id AND post_id = ANY(CAST(:post_ids AS bigint[])) AND seen_at IS NULL
        """,
        actor_id=actor.id,
        post_ids=list(post_ids),
    )
