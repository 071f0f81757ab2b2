"""Attacks in every text column, in every field of a form and in every word of an address: only text, for everybody."""

from collections.abc import AsyncIterator
from contextlib import suppress
from itertools import product
from urllib.parse import quote, urlencode

import httpx
import pytest

from forum.app import build
from forum.kit.db import Database, value
from forum.kit.errors import Invalid
from forum.kit.mailer import mailer_for
from forum.kit.settings import Settings
from forum.kit.tools import Tools
from forum.members import sign_in
from forum.threads.paths import POSTS_A_PAGE
from forum.worker import worker
from tests.attack.openapi import QUERY
from tests.browser.hostile_world import SURE, Deck, filled, plant_attacks
from tests.browser.lookout import lookout_of, served
from tests.factories import a_member, a_reply, a_thread
from tests.fields import fields_at
from tests.hostile import attacks
from tests.real_data import needs_data
from tests.routes import PLACE, requests
from tests.walker import addresses, built, people
from tests.walker.people import World

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("hostile"), needs_data]
ROLES = ("guest", "member", "vendor", "moderator", "administrator")
# What the forum compares byte for byte, or has a narrow shape: its own CHECK keeps attacks out.
NARROW = {"slug", "handle", "address", "domain", "secret", "message_id"}
TRIES = 4  # addresses of one route, until one shows a page
ENDING = ("/demo", "/sign-out", "/settings/sessions", "/settings/account", "/csp-report")  # the session, or nothing


@pytest.fixture
def tools(db: Database) -> Tools:
    settings = Settings(demo=True)
    return Tools(db=db, mailer=mailer_for(settings, db, name), settings=settings)


async def name() -> str:
    return SURE


@pytest.fixture
async def url(tools: Tools) -> AsyncIterator[str]:
    async with served(build(tools)) as address:
        yield address


async def a_world(db: Database) -> tuple[World, dict[str, str]]:
    """Everything there is, and a session for each role."""
    who = await built.people(db)
    await built.build(db, who)
    tokens = {
        role: await sign_in.start_session(db, who[role].member_id, "Test", has_second_factor=True)
        for role in ROLES
        if role != "guest"
    }
    return await people.read_world(db), tokens


def some(world: World, pattern: str) -> list[str]:
    """Addresses of one route, far apart so that open and closed categories are among them."""
    names = PLACE.findall(pattern)
    every = list(product(*(addresses.values(world, pattern, name) for name in names)))
    chosen = (dict(zip(names, each, strict=True)) for each in every[:: max(1, len(every) // TRIES)])
    return [PLACE.sub(lambda place: quote(str(one[place[1]])), pattern) for one in chosen]  # noqa: B023


async def pages(web: httpx.AsyncClient, world: World) -> list[str]:
    """For each route an address that shows this person a page; and one that does not."""
    shown = ["/nothing/here"]
    for pattern in sorted({path for method, path in requests() if method == "GET"}):
        for address in some(world, pattern):
            answer = await web.get(address)
            assert answer.status_code < 500, address
            if answer.status_code == 200 and is_page(answer):
                shown.append(address)
                break
    return shown


def is_page(answer: httpx.Response) -> bool:
    return answer.headers.get("content-type", "").startswith("text/html")


async def reports(db: Database) -> int:
    return int(await value(db, "SELECT count(*) FROM limit_count WHERE key LIKE 'csp report%'"))


@pytest.mark.parametrize("policy", ["", "default-src 'self'; report-uri /csp-report"])
async def test_an_attack_that_is_more_than_text_is_noticed(browser, url, policy):
    headers = {"content-type": "text/html"} | ({"content-security-policy": policy} if policy else {})

    for attack in (SURE, "<script>alert(1)</script>", '<img src="http://127.0.0.2:9/x">', '<p style="color: red">'):
        async with lookout_of(browser, url, "") as lookout:
            await lookout.show("/c/help", httpx.Response(200, headers=headers, text=attack))
            assert lookout.signs, attack


async def test_attacks_in_every_text_column_are_only_text_on_every_page_of_every_role(db, browser, url):
    _, tokens = await a_world(db)
    deck = Deck(1)
    room = await plant_attacks(db, deck)
    world = await people.read_world(db)
    signs: list[str] = []
    opened: dict[str, int] = {}

    for role in ROLES:
        async with lookout_of(browser, url, tokens.get(role, "")) as lookout:
            for address in await pages(lookout.web, world):
                await lookout.open(address)
            signs += [f"{role} {sign}" for sign in lookout.signs]
            opened[role] = lookout.opened

    assert {column for column, most in room.items() if not most and column.partition(".")[2] not in NARROW} == set()
    assert deck.all_dealt()
    assert opened["guest"] >= 20
    assert opened["administrator"] >= 60
    assert signs == []
    assert await reports(db) == 0


async def test_each_attack_in_a_post_of_its_own_is_only_text(db, browser, url):
    """Together, one that opens a comment or a block of code would hide those behind it."""
    author, thread_id = await a_member(db), await a_thread(db)
    for attack in attacks():
        with suppress(Invalid):  # some show nothing at all
            await a_reply(db, thread_id, author=author, body=attack)
    posts = await value(db, "SELECT count(*) FROM post")
    token = await sign_in.start_session(db, author.id, "Test")

    async with lookout_of(browser, url, token) as lookout:
        for after in range(0, posts, POSTS_A_PAGE):
            await lookout.open(f"/t/{thread_id}?after={after}")
        shown = await lookout.page.locator("article.post").last.get_attribute("id")
        assert lookout.signs == []

    assert posts > 600
    assert shown == f"p{posts}"
    assert await reports(db) == 0


async def test_attacks_in_every_form_field_are_only_text_in_what_answers_and_in_all_mails(
    db, browser, url, tools, database_url
):
    world, tokens = await a_world(db)
    deck, shown = Deck(2), 0

    for role in ("guest", "member", "administrator"):
        async with lookout_of(browser, url, tokens.get(role, "")) as lookout:
            async for address, answer in answers(lookout.web, world, deck):
                await lookout.show(address, answer)
            assert lookout.signs == []
            shown += lookout.opened
    await worker(database_url, tools).drain()
    async with lookout_of(browser, url, tokens["administrator"]) as lookout:
        for mail in (await people.read_world(db)).tables["screen_mail"]:
            await lookout.open(f"/dev/mail/{mail['id']}")
        assert lookout.signs == []
        assert lookout.opened

    assert shown > 40
    assert deck.all_dealt()
    assert await reports(db) == 0


async def answers(web: httpx.AsyncClient, world: World, deck: Deck) -> AsyncIterator[tuple[str, httpx.Response]]:
    """Each form's answers that are pages."""
    for pattern in sorted({path for method, path in requests() if method == "POST" and not path.startswith(ENDING)}):
        for address in some(world, pattern)[:1]:
            for form in filled(fields_at(address), deck):
                answer = await web.post(address, data=form)
                assert answer.status_code < 500, (address, form)
                if answer.status_code in (200, 409, 422) and is_page(answer):
                    yield address, answer


async def test_attacks_in_every_word_of_an_address_are_only_text_on_the_page(db, browser, url):
    world, tokens = await a_world(db)
    deck = Deck(3)

    for role, step in (("guest", 1), ("administrator", 3)):
        async with lookout_of(browser, url, tokens.get(role, "")) as lookout:
            for page in (await pages(lookout.web, world))[::step]:
                await lookout.open(f"{page}?{urlencode({name: deck.deal(60) for name in QUERY})[:3500]}")
            await lookout.open(f"/{quote(deck.deal(300), safe='')}")
            assert lookout.signs == []
            assert lookout.page.url.startswith(url)
    assert await reports(db) == 0
