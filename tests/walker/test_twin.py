"""Two worlds that differ only in what an outsider may not see look the same to that outsider, byte for byte."""

import re

import httpx
import pytest

from forum.app import build as build_app
from forum.kit.db import run
from forum.kit.tools import Tools
from forum.members import sign_in
from tests import tokened
from tests.fields import fields_at
from tests.masking import untokened
from tests.walker import built, people
from tests.walker.crawl import addresses
from tests.walker.people import World, finds_post, finds_thread, reads

pytestmark = pytest.mark.xdist_group("walker")

OUTSIDERS = ("guest", "member", "vendor", "moderator elsewhere")
SENT = {"body": "Hello there", "client_key": "k", "version": "1", "helpful": "yes"}
CLOSED = ("circle-room", "back-office", "attic")

ELSEWHERE = "category_id <> (SELECT c.id FROM category c WHERE c.slug = 'porch')"

# What makes the second world: all that no outsider may know of is gone.
GONE = (
    f"DELETE FROM thread WHERE category_id IN (SELECT c.id FROM category c WHERE c.slug IN {CLOSED})",
    # All but those of the porch, whose moderator is one of the outsiders.
    f"DELETE FROM thread WHERE deleted_at IS NOT NULL AND {ELSEWHERE}",
    f"DELETE FROM post p USING thread t WHERE t.id = p.thread_id AND p.deleted_at IS NOT NULL AND t.{ELSEWHERE}",
    "DELETE FROM topic o WHERE NOT EXISTS (SELECT 1 FROM thread_topic tt WHERE tt.topic_id = o.id)",
    "DELETE FROM join_request",
    "DELETE FROM invitation",
    "DELETE FROM mailed_link",
    "DELETE FROM silence",
    "DELETE FROM limit_count",  # whoever looks twice has asked twice as often
    "DELETE FROM audit_entry WHERE NOT is_public",
    f"DELETE FROM audit_entry WHERE category_id IN (SELECT c.id FROM category c WHERE c.slug IN {CLOSED})",
    f"DELETE FROM category WHERE slug IN {CLOSED}",
)


async def test_what_an_outsider_may_not_see_changes_nothing_they_do_see(db, tools: Tools):
    who = await built.people(db)
    await built.build(db, who)
    world = await people.read_world(db)
    tokens = {
        name: await sign_in.start_session(db, who[name].member_id, "Test") for name in OUTSIDERS if who[name].member_id
    }
    unread = "DELETE FROM read_mark"  # what the first look has read is new to the second
    before = {name: await answers(tools, world, who[name], tokens.get(name)) for name in OUTSIDERS}
    for statement in (*GONE, unread):
        await run(db, statement)

    for name in OUTSIDERS:
        after = await answers(tools, world, who[name], tokens.get(name))
        assert "\n".join(url for url in after if after[url] != before[name][url]) == "", name


async def answers(tools: Tools, world: World, who, token) -> dict[str, str]:
    """Each answer to `who`, by method and address; forms go only to what they may not see, so nothing changes."""
    found = {}
    transport = httpx.ASGITransport(build_app(tools))
    async with httpx.AsyncClient(
        transport=transport, base_url="http://forum.example", event_hooks=tokened.HOOKS
    ) as web:
        if token:
            web.cookies.set("session", token)
        for url in addresses(world, "GET"):
            found[f"GET {url}"] = masked(await web.get(url))
        for url in sorted(set(addresses(world, "POST"))):
            if is_closed(world, who, url):
                found[f"POST {url}"] = masked(await web.post(url, data=sent_to(url)))
        for words in (row["title"] for row in world.tables["thread"]):
            found[f"search {words}"] = masked(await web.get("/search", params={"q": words}))
            found[f"similar {words}"] = masked(await web.get("/ask/similar", params={"title": words}))
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
