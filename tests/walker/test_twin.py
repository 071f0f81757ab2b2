"""Two worlds that differ only in what an outsider may not see look the same to that outsider, byte for byte."""

import re
from collections.abc import Sequence

import httpx
import pytest

from forum.kit.db import run
from forum.kit.limits import Limit
from forum.members import sign_in
from forum.wiring import PACE
from tests.fields import fields_at
from tests.masking import untokened
from tests.walker import built, people
from tests.walker.addresses import addresses, some_addresses
from tests.walker.crawl import SEARCHES
from tests.walker.people import World, finds_post, finds_thread, reads

pytestmark = pytest.mark.xdist_group("walker")

OUTSIDERS = ("guest", "member", "vendor", "moderator elsewhere")
SENT = {"body": "Hello there", "client_key": "k", "version": "1", "helpful": "yes"}
CLOSED = ("circle-room", "back-office", "attic")
UNREAD = ("vault", "loft")  # seen but not read: they stay, and what is in them goes

ELSEWHERE = "category_id <> (SELECT c.id FROM category c WHERE c.slug = 'porch')"

# What makes the second world: all that no outsider may know of is gone.
GONE = (
    f"DELETE FROM thread WHERE category_id IN (SELECT c.id FROM category c WHERE c.slug IN {CLOSED + UNREAD})",
    # All but those of the porch, whose moderator is one of the outsiders.
    f"DELETE FROM thread WHERE deleted_at IS NOT NULL AND {ELSEWHERE}",
    f"DELETE FROM post p USING thread t WHERE t.id = p.thread_id AND p.deleted_at IS NOT NULL AND t.{ELSEWHERE}",
    "DELETE FROM topic o WHERE NOT EXISTS (SELECT 1 FROM thread_topic tt WHERE tt.topic_id = o.id)",
    "DELETE FROM queue_item",
    "DELETE FROM held_post",
    "DELETE FROM post_flag",
    "DELETE FROM staff_note",
    "DELETE FROM watched_word",
    "DELETE FROM invitation_row",
    "DELETE FROM invitation_list",
    "UPDATE member_privacy SET title = '', about = '' WHERE title_for = 'nobody'",
    "DELETE FROM join_request",
    "DELETE FROM invitation",
    "DELETE FROM mailed_link",
    "DELETE FROM silence",
    "DELETE FROM product_suggestion",
    "UPDATE review_round SET district_id = (SELECT d.id FROM district d WHERE d.name = 'Elm') WHERE is_unnamed",
    "UPDATE round_answer SET member_id = NULL WHERE is_unnamed",
    "UPDATE review SET member_id = NULL, since_year = 1999 WHERE is_unnamed",
    "UPDATE switch_story SET member_id = NULL WHERE to_product_id = (SELECT max(pr.id) FROM product pr)",
    "UPDATE owner_question SET member_id = (SELECT max(m.id) FROM member m WHERE m.role = 'admin') WHERE is_unnamed",
    "DELETE FROM review_price x USING review rv WHERE rv.id = x.review_id AND rv.is_unnamed",
    """
    DELETE FROM contract n USING district d
    WHERE d.id = n.district_id AND d.name = 'Oak' AND n.visibility <> 'members'
    """,
    "DELETE FROM search_asked",
    "DELETE FROM saved_search WHERE member_id IN (SELECT m.id FROM member m WHERE m.role = 'admin')",
    "DELETE FROM limit_count",  # whoever looks twice has asked twice as often
    "DELETE FROM audit_entry WHERE NOT is_public",
    f"DELETE FROM audit_entry WHERE category_id IN (SELECT c.id FROM category c WHERE c.slug IN {CLOSED})",
    f"DELETE FROM category WHERE slug IN {CLOSED}",
)


# Where vendors read, what keeps them out or is another vendor's room; neither is for guests.
NOT_FOR_VENDORS = "(keeps_vendors_out OR vendor_id = (SELECT v.id FROM vendor v WHERE v.slug = 'beacon'))"
GONE_FOR_VENDORS = (
    f"""
    DELETE FROM audit_entry
    WHERE subject_kind = 'thread' AND subject_id IN (SELECT t.id FROM thread t WHERE {NOT_FOR_VENDORS})
    """,
    f"DELETE FROM thread WHERE {NOT_FOR_VENDORS}",
    "DELETE FROM topic o WHERE NOT EXISTS (SELECT 1 FROM thread_topic tt WHERE tt.topic_id = o.id)",
    """
    UPDATE category c
    SET thread_count = (SELECT count(*) FROM thread t WHERE t.category_id = c.id AND t.deleted_at IS NULL)
    """,
    "DELETE FROM limit_count",
)


@pytest.fixture(autouse=True)
def no_pace(monkeypatch):
    """They ask for so much that some would be told to wait, sooner in one world than in the other."""
    monkeypatch.setattr("forum.app.PACE", {key: Limit(limit.name, 10**6, 600) for key, limit in PACE.items()})


async def test_what_an_outsider_may_not_see_changes_nothing_they_do_see(db, web, indexed):
    who = await built.people(db)
    await built.build(db, who)
    world = await people.read_world(db)
    tokens = {
        name: await sign_in.start_session(db, who[name].member_id, "Test") for name in OUTSIDERS if who[name].member_id
    }
    unread = "DELETE FROM read_mark"  # what the first look has read is new to the second
    unseen = "UPDATE notification SET opened_at = NULL"
    await run(db, unread)
    await run(db, "UPDATE session SET last_used_at = now() - interval '6 minutes'")
    for token in tokens.values():  # now each session knows its place, and says no more for an hour
        web.cookies.clear()
        web.cookies.set("session", token)
        await web.get("/")

    async def seen(names: Sequence[str]) -> dict[str, dict[str, str]]:
        await indexed()
        return {name: await answers(web, world, list(who.values()), who[name], tokens.get(name)) for name in names}

    before = await seen(OUTSIDERS)
    for statement in (*GONE, unread, unseen):
        await run(db, statement)
    after = await seen(OUTSIDERS)
    assert "\n".join(told(before, after)) == ""

    for statement in (*GONE_FOR_VENDORS, unread, unseen):
        await run(db, statement)
    assert "\n".join(told(after, await seen(("guest", "vendor")))) == ""


def told(before: dict[str, dict[str, str]], after: dict[str, dict[str, str]]) -> list[str]:
    """Where somebody's answers are not what they were."""
    return [f"{url} for {name}" for name, found in after.items() for url in found if found[url] != before[name][url]]


async def answers(web: httpx.AsyncClient, world: World, everybody, who, token) -> dict[str, str]:
    """Each answer to `who`, by method and address; forms go only to what they may not see, so nothing changes."""
    found = {}
    web.cookies.clear()
    if token:
        web.cookies.set("session", token)
    for address in addresses(world, "GET"):
        found[f"GET {address.url}"] = masked(await web.get(address.url))
    for address in some_addresses(world, everybody, "GET"):
        found[f"HEAD {address.url}"] = masked(await web.head(address.url))
    for address in addresses(world, "POST"):
        if is_closed(world, who, address.url):
            found[f"POST {address.url}"] = masked(await web.post(address.url, data=sent_to(address.url)))
    for words in {row["title"] for row in world.tables["thread"]}:
        found[f"search {words}"] = masked(await web.get("/search", params={"q": words}))
        found[f"instant {words}"] = masked(await web.get("/search/instant", params={"q": words}))
        found[f"a word of {words}"] = masked(await web.get("/search/instant", params={"q": words.split()[-1][:4]}))
        found[f"similar {words}"] = masked(await web.get("/ask/similar", params={"title": words}))
    for url in SEARCHES:
        found[url] = masked(await web.get(url))
    return found


def sent_to(url: str) -> dict[str, str]:
    """Something for each field of the form at `url` that is sure to be taken."""
    return {name: SENT[name] for name in fields_at(url) if name in SENT}


def is_closed(world: World, who, url: str) -> bool:
    """Whether the address is that of a thread, post or category `who` may not find."""
    if place := re.match(r"/t/(\d+)", url):
        return not finds_thread(world, who, int(place[1]))
    if place := re.match(r"/p/(\d+)", url):
        return not finds_post(world, who, int(place[1]))
    if place := re.match(r"/c/([\w-]+)", url):
        return not reads(world, who, world.one("category", slug=place[1]))
    return False


def masked(answer: httpx.Response) -> str:
    """Status, headers and body without what is random in each."""
    heads = sorted((name, text) for name, text in answer.headers.items() if name != "content-length")
    return untokened(f"{answer.status_code} {heads} {answer.text}").replace(answer.headers["x-request-id"], "ID")
