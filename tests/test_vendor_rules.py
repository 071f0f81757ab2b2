"""What vendors' accounts may do, as one table: tried by somebody of a product's vendor, a member, and another vendor.

Whoever adds something that vendors may or may not do adds its row here, and its line to docs/vendors.md.
"""

import html
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from forum.districts.commands import add_district
from forum.events.commands import come
from forum.kit.db import value
from forum.products import commands as products
from forum.products import queries
from forum.products.types import UseDraft
from forum.search.jobs import index_changes
from forum.threads.commands import reply
from forum.threads.delete import delete
from forum.threads.queries import thread
from forum.threads.types import ReplyDraft
from tests.events.scenes import an_event
from tests.factories import a_category, a_member, a_reply, a_thread, post_id, sign_in_as
from tests.products.catalogue import a_product, a_vendor_account
from tests.products.moves import a_story
from tests.products.reviews import a_place, a_review

YES = "yes"
GONE = "404: as if it were not there"
ABSENT = "the page is there, what is asked about is not on it"

WHERE_NAMED = "You may reply where a product of yours is named."
BEGIN = "Members begin threads; you may reply where a product of yours is named."
BEGAN = "Only who began the thread and staff say whether vendors read it."
ASKER = "The asker chooses the accepted answer."
RATE = "Vendors do not rate products, neither theirs nor others'."
PRICES = "What districts pay stays among members."
SUGGEST = "Write to an administrator to have a product of yours added."
WRITER = "Only the association's staff see who wrote it."
OWNERS = "Members ask each other; vendors neither ask nor are asked."
QUESTION = {"title": "How long is roll-out?", "body": "We have one summer."}
MOVED = "Members tell how they moved; vendors do not."
CONTRACTS = "Contracts stay among members."
PEOPLE = "Who is here stays among members."
PERSON = "Who is here stays among members; vendors follow nobody."
WEB = {"level": "web"}
VENDORS_IN = {"vendors": "in"}
STORY = {"regret": "2", "went_well": "All of it", "version": "0"}
WORDS = {"body": "Some words of mine", "client_key": "k"}
COMING = "Members say here whether they come."
EVENT = WORDS | {"title": "An hour of questions", "category": "lobby", "topics": "", "place": "", "link": ""}
EVENT |= {"starts": "2098-05-04T10:00", "ends": "2098-05-04T11:00", "time_zone": "America/Chicago"}
ASKED = WORDS | {"title": "What is new with us this year?", "category": "lobby", "kind": "discussion", "topics": ""}


@dataclass(frozen=True)
class Rule:
    """What is tried, and what comes of it: YES, GONE, ABSENT, or the sentence of a refusal.

    asks: method and path, with the names of `world` in braces. shows: what stands on the page for whom it is YES.
    """

    what: str
    asks: str
    own: str
    member: str
    other: str
    sends: dict[str, str] | None = None
    shows: str = ""

    def expected(self, who: str) -> str:
        return {"own": self.own, "member": self.member, "other": self.other}[who]


RULES = [
    Rule("Read a category that lets no vendors in", "GET /c/desk", GONE, YES, GONE),
    Rule("Read a thread where vendors are let in", "GET /t/{elsewhere}", YES, YES, YES),
    Rule("Read a thread that keeps vendors out", "GET /t/{kept}", GONE, YES, GONE),
    Rule("Find such a thread by searching", "GET /search?q=Moonbeam", ABSENT, YES, ABSENT, shows="/t/{kept}/"),
    Rule("Choose whether vendors read a thread", "POST /threads/{named}/vendors", BEGAN, BEGAN, BEGAN, VENDORS_IN),
    Rule("See a product and its reviews", "GET /products/{product}", YES, YES, GONE, shows="It works well enough"),
    Rule("Read the thread with its reviews", "GET /t/{reviews}", YES, YES, GONE, shows="It works well enough"),
    Rule("Reply where their product is named", "POST /t/{named}/x", YES, YES, WHERE_NAMED, WORDS),
    Rule("Reply elsewhere", "POST /t/{elsewhere}/x", WHERE_NAMED, YES, WHERE_NAMED, WORDS),
    Rule(
        "Reply in the thread with its reviews",
        "POST /t/{reviews}/x",
        "Answer a review with its own button, once each.",
        YES,
        GONE,
        WORDS,
    ),
    Rule(
        "Answer a review",
        "POST /reviews/{review}/answer",
        YES,
        "Only the people of its vendor answer a review.",
        GONE,
        {"body": "We mended it.", "version": "0"},
    ),
    Rule("Begin a thread", "POST /ask", BEGIN, YES, BEGIN, ASKED),
    Rule("Begin a thread", "POST /ask", BEGIN, YES, BEGIN, ASKED | {"title": "Glowlamp has a new version"}),
    Rule(
        "Mark a post helpful",
        "POST /p/{answer}/helpful",
        "Vendors do not mark posts.",
        YES,
        "Vendors do not mark posts.",
        {"helpful": "yes"},
    ),
    Rule("Accept the answer to somebody's question", "POST /p/{answer}/accept", ASKER, ASKER, ASKER, {}),
    Rule("Flag a post", "POST /p/{answer}/flag", YES, YES, YES, {"reason": "other", "note": "Look"}),
    Rule("Rate a product", "GET /products/{product}/review", ABSENT, YES, GONE, shows='name="stars"'),
    Rule("Rate a product", "POST /products/{product}/review", RATE, YES, GONE, {"stars": "5", "show_as": "name"}),
    Rule("See which districts run a product", "GET /products/{product}", ABSENT, YES, GONE, shows="Pine County"),
    Rule(
        "Say what a district runs",
        "POST /products/{product}/use",
        "Members say what their districts run.",
        YES,
        GONE,
        {"act": "runs"},
    ),
    Rule("See what districts pay", "POST /products/peers", PRICES, YES, PRICES, {"act": "choose", "size": ""}),
    Rule("Suggest a product", "GET /products/suggest", SUGGEST, YES, SUGGEST),
    Rule("See who wrote a review without a name", "POST /reviews/{review}/writer", WRITER, WRITER, WRITER, {}),
    Rule(
        "Tell how a district moved",
        "POST /products/{product}/moved",
        MOVED,
        YES,
        GONE,
        {"moved_from": "lamplight"} | STORY,
    ),
    Rule("See what a move cost, and whom to call", "GET /products/{product}", ABSENT, YES, GONE, shows="$12,345"),
    Rule("See what a move cost, and whom to call", "GET /products/{product}", ABSENT, YES, GONE, shows="You may call"),
    Rule("Ask the owners of a product", "POST /products/{product}/ask", OWNERS, YES, GONE, QUESTION),
    Rule("Be asked as an owner", "GET /asked", OWNERS, YES, OWNERS),
    Rule("See how many may be asked", "GET /products/{product}", ABSENT, YES, GONE, shows="may be asked"),
    Rule("See contracts and renewals", "GET /renewals", CONTRACTS, YES, CONTRACTS),
    Rule("See contracts and renewals", "GET /renewals/map", CONTRACTS, YES, CONTRACTS),
    Rule("See contracts and renewals", "GET /rounds", CONTRACTS, YES, CONTRACTS),
    Rule("See the list of members", "GET /people", PEOPLE, YES, PEOPLE),
    Rule("See a member's page", "GET /people/{asker}", PEOPLE, YES, PEOPLE),
    Rule("See a member's page", "GET /t/{elsewhere}", ABSENT, YES, ABSENT, shows='href="/people/{asker}"'),
    Rule("See their own page", "GET /people/{me}", YES, YES, YES),
    Rule("See who a mention leads to", "GET /t/{elsewhere}", ABSENT, YES, ABSENT, shows='class="mention"'),
    Rule("Read when and where an event is", "GET /events", YES, YES, YES, shows="Webinar about toner"),
    Rule("See who comes to an event", "GET /t/{event}", ABSENT, YES, ABSENT, shows="1 person is coming: "),
    Rule("Say that they come to an event", "POST /events/{event}/coming", COMING, YES, COMING, {"coming": "yes"}),
    Rule("Announce an event", "POST /events/new", BEGIN, YES, BEGIN, EVENT),
    Rule("Follow a thread they read", "POST /follow/thread/{elsewhere}", YES, YES, YES, WEB),
    Rule("Follow a product", "POST /follow/product/{product_id}", YES, YES, GONE, WEB),
    Rule("Follow a member", "POST /follow/person/{asker_id}", PERSON, YES, PERSON, WEB),
    Rule("Moderate", "GET /moderation", GONE, GONE, GONE),
]


@pytest.fixture
async def world(db, tools):
    """A thread that names Glowlamp of NorthGate, one that does not, one that keeps vendors out, and a review."""
    pine = await add_district(db, "Pine County")
    ann = await a_member(db, district_id=pine)
    for slug, lets_vendors_in in (("lobby", True), ("desk", False)):
        await a_category(db, slug=slug, lets_vendors_in=lets_vendors_in)
    await a_place(db)
    product = await a_product(db, "Glowlamp")
    await products.say_use(db, ann, product, UseDraft(2020))
    review = await a_review(db, product, works="It works well enough")
    await a_story(db, await a_product(db, "Lamplight", vendor="Beacon"), product, cents=1_234_500, may_be_called=True)
    elsewhere = await a_thread(
        db, category="lobby", author=ann, title="Which paper do you buy?", body=f"Ask @{ann.handle} for more"
    )
    places = {
        "asker": ann.handle,
        "asker_id": ann.id,
        "product_id": (await queries.product(db, ann, product)).id,
        "product": product,
        "review": review,
        "reviews": (await queries.product(db, ann, product)).review_thread_id,
        "named": await a_thread(db, category="lobby", author=ann, title="Is Glowlamp slow for you too?"),
        "elsewhere": elsewhere,
        "answer": await a_reply(db, elsewhere, author=ann),
        "kept": await a_thread(db, category="lobby", title="Moonbeam rates for schools", keeps_vendors_out=True),
    }
    places["event"] = await an_event(db, category="lobby", title="Webinar about toner")
    await come(db, ann, places["event"], is_coming=True)
    await index_changes(tools)
    return places


@pytest.fixture
async def people(db, world):
    """Somebody of the vendor whose product it is, a member of a district, and somebody of another vendor."""
    oak = await add_district(db, "Oak County")
    return {
        "own": await a_vendor_account(db, vendor="NorthGate"),
        "member": await a_member(db, district_id=oak),
        "other": await a_vendor_account(db, vendor="Beacon"),
    }


async def outcome(web, rule: Rule, places) -> str:
    """What came of it, in the words of the table."""
    method, path = rule.asks.split(" ", 1)
    answer = await web.request(method, path.format(**places), data=rule.sends, follow_redirects=method == "GET")
    text = html.unescape(answer.text)
    if answer.status_code == 404:
        return GONE
    if answer.status_code == 403:
        return next((said for said in (rule.own, rule.member, rule.other) if said in text), text)
    assert answer.status_code < 400, (rule.what, answer.status_code, text)
    return YES if rule.shows.format(**places) in answer.text else ABSENT


@pytest.mark.parametrize("who", ["own", "member", "other"])
async def test_each_line_of_the_table_holds(db, web, world, people, who):
    await sign_in_as(web, db, people[who])
    wrong = []
    for rule in RULES:
        async with db.transaction(force_rollback=True):
            came = await outcome(web, rule, world | {"me": people[who].handle})
        if came != rule.expected(who):
            wrong.append(f"{rule.what} ({rule.asks}): {came[-300:]!r} and not {rule.expected(who)!r}")

    assert "\n".join(wrong) == ""


def test_the_page_for_people_says_what_the_table_says():
    lines = re.findall(
        r"^\| ([^|]+) \| (yes|no)\b[^|]* \| (yes|no)\b[^|]* \|$",
        (Path(__file__).parents[1] / "docs" / "vendors.md").read_text(),
        re.M,
    )
    table = {(rule.what, *("yes" if rule.expected(who) == YES else "no" for who in ("own", "other"))) for rule in RULES}

    assert sorted(table - set(lines)) == [], "Say so in docs/vendors.md."
    assert sorted(set(lines) - table) == [], "Try it in RULES of this file."


NAMES = [
    ("Is GLOWLAMP slow?", "", True),
    ("Is it slow for you?", "We run glowlamp, since May.", True),
    ("Is it slow for you?", "We run **Glow+ (K-12)** here", True),
    ("Is it slow for you?", "Ask NorthGate about it", True),
    ("Is it slow for you?", "The north\n\ngate is open", False),
    ("Is it slow for you?", "Lamp of\nWonder, I think", True),
    ("Glowlamps are slow today", "", False),
    ("Is it slow for you?", "Afterglowlamp is another one", False),
    ("Is it slow for you?", "Glow+ (K 12)", False),
]


@pytest.mark.parametrize(("title", "body", "is_named"), NAMES)
async def test_a_product_is_named_by_any_of_its_names_as_a_whole(db, title, body, is_named):
    vic, lobby = await a_vendor_account(db, vendor="NorthGate"), await a_category(db, lets_vendors_in=True)
    await a_product(db, "Glowlamp", other_names="Glow+ (K-12)\nLamp of Wonder")
    thread_id = await a_thread(db, category=lobby, title=title)
    if body:
        await a_reply(db, thread_id, body=body)

    assert (await thread(db, vic, thread_id)).names_own_product is is_named


async def test_neither_a_deleted_post_nor_their_own_names_it_and_the_name_of_their_vendor_is_shown(db, web):
    ann, lobby = await a_member(db), await a_category(db, lets_vendors_in=True)
    vic, colleague = await a_vendor_account(db), await a_vendor_account(db)
    thread_id = await a_thread(db, category=lobby)
    naming = await a_reply(db, thread_id, author=ann, body="Ask NorthGate")
    await reply(db, vic, thread_id, ReplyDraft("NorthGate here, what is it?", "k"))
    await sign_in_as(web, db, ann)
    assert "Works for NorthGate" in (await web.get(f"/t/{thread_id}")).text

    await delete(db, ann, naming, "")

    assert not (await thread(db, colleague, thread_id)).names_own_product
    assert not (await thread(db, vic, thread_id)).names_own_product
    assert await post_id(db, thread_id, 3)
    assert await value(db, "SELECT count(*) FROM post WHERE deleted_at IS NULL") == 2
