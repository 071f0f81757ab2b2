"""What people see of search: the page with its form and filters, and the overlay's rows; what is found is given."""

import re
from datetime import UTC, datetime

import pytest

from forum.members.types import GUEST
from forum.search import views
from forum.search.actions import ACTIONS, actions
from forum.search.found_types import MARK, UNMARK, Facet, Hit, Instant, Results, Section
from forum.search.parsing import parse
from tests.factories import a_category, a_member, an_admin, sign_in_as

HIT = Hit(
    "post",
    "/t/7/walnuts?after=50#p53",
    f"The {MARK}walnut{UNMARK} <b>tray</b>",
    f"Yesterday the {MARK}walnuts{UNMARK} were gone & away",
    ("3 replies",),
    is_answered=True,
    category_slug="help",
    category_name="Help desk",
    category_colour="#2f6f9f",
    at=datetime(2026, 3, 1, tzinfo=UTC),
)
PRODUCT = Hit("product", "/products/walnut", f"{MARK}Walnut{UNMARK} Filter", stars=3.44)


class Given:
    """Stands where searching is done: notes what was asked, answers what it was given."""

    def __init__(self) -> None:
        self.typed, self.page, self.asked = parse(""), 0, 0
        self.results: dict[str, object] = {}
        self.instant: dict[str, object] = {}

    async def find(self, tools, actor, typed, *, page=1):
        self.typed, self.page, self.asked = typed, page, self.asked + 1
        return Results(typed, **self.results)

    async def find_instantly(self, tools, actor, typed):
        self.typed, self.asked = typed, self.asked + 1
        return Instant(typed, **self.instant)


@pytest.fixture
def given(monkeypatch) -> Given:
    made = Given()
    monkeypatch.setattr(views, "find", made.find)
    monkeypatch.setattr(views, "find_instantly", made.find_instantly)
    return made


def text_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def chosen(html: str, name: str) -> str:
    """What the form's field holds."""
    if found := re.search(rf'<select[^>]* name="{name}".*?</select>', html, re.S):
        return (re.findall(r'value="([^"]*)" selected', found[0]) or [""])[0]
    return re.search(rf'<input[^>]* value="([^"]*)"[^>]* name="{name}"', html)[1]


def box(html: str) -> str:
    return re.search(r'id="search-q" name="q" value="([^"]*)"', html)[1]


# The page


async def test_a_hit_shows_its_words_marked_and_where_it_leads(web, given):
    given.results = {"hits": (HIT, PRODUCT), "count": 2}

    page = (await web.get("/search?q=walnut")).text

    assert 'href="/t/7/walnuts?after=50#p53" data-open>The <mark>walnut</mark> &lt;b&gt;tray&lt;/b&gt;</a>' in page
    assert "Yesterday the <mark>walnuts</mark> were gone &amp; away" in page
    assert "2 results" in page
    assert re.search(r'href="/c/help">.*?Help desk</a><span>3 replies</span><time datetime="2026-03-01', page, re.S)
    assert page.count("Answered</span>") == 1
    assert "Product</span>" in page
    assert "★ </span>3.4<" in page
    assert MARK not in page


@pytest.mark.parametrize(
    ("results", "sentence"),
    [
        ({"hits": (HIT,), "count": 1}, "One result"),
        ({"hits": (HIT,), "count": 38}, "38 results"),
        ({"hits": (HIT,), "count": 400, "is_capped": True}, "More than 400 results."),
        ({}, "Nothing found"),
        ({"hits": (HIT,), "is_simpler": True}, "Search answers without its engine just now"),
        ({"problems": ("There is no category “nowhere”.",)}, "There is no category “nowhere”."),
    ],
)
async def test_a_sentence_says_what_was_found(web, given, results, sentence):
    given.results = results

    assert sentence in (await web.get("/search?q=walnut")).text


async def test_without_words_nothing_is_looked_for(web, given):
    for path in ("/search", "/search?q=", "/search?q=%20", "/search?q=---", "/search?category=", "/search?is=&kind="):
        page = (await web.get(path)).text
        assert "Nothing found" not in page
        assert 'class="hits' not in page
    assert given.asked == 0


async def test_what_is_not_found_can_be_asked(web, given):
    page = (await web.get("/search", params={"q": "walnut & tray is:answered -zebra"})).text

    assert 'href="/ask?title=walnut%20tray"' in page


async def test_the_ask_form_takes_the_title_that_was_looked_for(db, web):
    await a_category(db)
    await sign_in_as(web, db, await a_member(db))

    page = (await web.get("/ask?title=walnut%20tray%20%22broken%22")).text

    assert 'value="walnut tray &#34;broken&#34;"' in page


async def test_each_problem_is_said_once_and_the_page_is_there(web, given):
    given.results = {"problems": ("“foo:” is no filter here.", "There is no category “x”.")}

    answer = await web.get("/search", params={"q": f"foo:bar category:x {'y' * 300}"})

    assert answer.status_code == 200
    assert text_of(answer.text).count("There is no category “x”.") == 1
    assert "There are category:, topic:" in answer.text
    assert "Only the first 200 characters are looked at." in answer.text


async def test_fields_are_filters_and_filters_are_shown_in_fields(db, web, given):
    await a_category(db, slug="e-rate", name="E-Rate & funding", read_by="everyone")
    fields = {
        "category": "e-rate",
        "kind": "review",
        "is": "unanswered",
        "topic": "#wifi",
        "by": "@maya",
        "after": "2y",
    }

    page = (await web.get("/search", params={"q": "walnut", "product": "Beacon Web", **fields})).text

    assert given.typed.text == (
        'walnut category:e-rate topic:wifi by:maya is:unanswered kind:review after:2y product:"Beacon Web"'
    )
    assert box(page) == "walnut"
    assert [chosen(page, name) for name in fields] == ["e-rate", "review", "unanswered", "wifi", "maya", "2y"]
    assert chosen(page, "product") == "Beacon Web"


async def test_what_fields_cannot_show_stays_in_the_box(db, web, given):
    await a_category(db, slug="e-rate", name="E-Rate", read_by="everyone")

    page = (await web.get("/search", params={"q": 'a category:"e-rate" topic:x topic:y category:nowhere'})).text

    assert box(page) == "a topic:y category:nowhere"
    assert (chosen(page, "category"), chosen(page, "topic")) == ("e-rate", "x")


async def test_a_category_is_chosen_by_its_name_too_and_hidden_ones_are_not_offered(db, web, given):
    await a_category(db, slug="open", name="Open door", read_by="everyone")
    await a_category(db, slug="secret", name="Staff only", read_by="staff")

    page = (await web.get("/search", params={"q": 'a category:"open door" category:secret'})).text

    assert chosen(page, "category") == "open"
    assert "Staff only" not in page
    assert box(page) == "a category:secret"


@pytest.mark.parametrize("wrong", ["0", "-1", "x", "1.5", "99999999999", "51", "", "٣"])
async def test_a_bad_page_number_is_page_one(web, given, wrong):
    assert (await web.get("/search", params={"q": "walnut", "page": wrong})).status_code == 200
    assert given.page == 1


async def test_pages_chips_and_facets_are_links(web, given):
    given.results = {
        "hits": (HIT,),
        "chips": (("Answered", "/search?q=walnut"),),
        "kinds": (Facet("Questions", 7, "/search?q=walnut+kind%3Aquestion", False),),
        "states": (Facet("Answered", 3, "/search?q=walnut", True),),
        "older": "/search?q=walnut&page=3",
        "newer": "/search?q=walnut",
    }

    page = (await web.get("/search?q=walnut+is:answered&page=2")).text

    assert given.page == 2
    assert re.search(r'href="/search\?q=walnut">Answered.*?: take it off', page, re.S)
    assert 'href="/search?q=walnut+kind%3Aquestion">Questions<span class="num">7</span>' in page
    assert 'href="/search?q=walnut" aria-current="true">Answered<span class="num">3</span>' in page
    assert 'rel="next" href="/search?q=walnut&amp;page=3"' in page
    assert 'rel="prev" href="/search?q=walnut"' in page


@pytest.mark.parametrize("path", ["/search", "/search/instant"])
@pytest.mark.parametrize(
    "words",
    [
        "'",
        '"' * 300,
        "x " * 5000,
        "is:" * 99,
        "\x00\x02\x03",
        "😀" * 200,
        "{{7*7}}",
        "<script>alert(1)</script>",
        "\u202e",
    ],
    ids=lambda words: ascii(words)[:12],
)
async def test_whatever_is_typed_the_page_is_there(web, given, path, words):
    for fields in ({"q": words}, {"q": "a", "topic": words, "by": words, "category": words, "after": words}):
        answer = await web.get(path, params=fields)
        assert answer.status_code in (200, 400)
        assert "<script>alert" not in answer.text
        assert "49" not in text_of(answer.text)


# The overlay's rows


async def test_rows_come_in_groups_and_end_with_a_question(web, given):
    given.instant = {"sections": (Section("Threads", (HIT,)), Section("Products", (PRODUCT,)), Section("People", ()))}

    rows = (await web.get("/search/instant?q=walnut")).text

    assert given.typed.words[-1].is_begun
    assert re.findall(r'class="palette-head" id="[^"]+">([^<]+)<', rows) == ["Threads", "Products"]
    assert re.findall(r'role="option"[^>]* id="([^"]+)"', rows) == ["palette-1-1", "palette-2-1", "palette-ask"]
    assert 'href="/ask?title=walnut"' in rows
    assert "<html" not in rows


async def test_actions_are_found_by_their_words(db, web, given):
    await sign_in_as(web, db, await a_member(db))

    assert 'href="/renewals"' in (await web.get("/search/instant?q=renew")).text
    assert 'href="/settings"' in (await web.get("/search/instant?q=Pref+Settings")).text
    assert 'href="/ask"' in (await web.get("/search/instant?q=")).text
    assert given.asked == 2


async def test_problems_and_a_simpler_search_are_said_above_the_rows(web, given):
    given.instant = {"is_simpler": True}

    rows = (await web.get("/search/instant?q=walnut+foo:bar+")).text

    notes = rows.split('data-part="found"')[0]
    assert "without its engine" in notes
    assert "“foo:” is no filter here." in notes
    assert "Nothing found so far." in notes


async def test_actions_are_those_that_are_open_to_the_reader(db):
    def paths(actor, text=""):
        return {hit.path for hit in actions(actor, parse(text, is_typing=True)).hits}

    member, vendor, admin = await a_member(db), await a_member(db, role="vendor"), await an_admin(db)

    assert {"/unread", "/products", "/renewals", "/people"} <= paths(member)
    assert not {"/unread", "/products", "/renewals", "/people", "/settings"} & paths(GUEST)
    assert "/products" in paths(vendor)
    assert not {"/renewals", "/people"} & paths(vendor)
    assert paths(admin, "admin") == {"/admin"}
    assert paths(member, "admin") == paths(GUEST, "renew") == paths(member, "unread is:answered") == set()
    assert paths(GUEST, "sign") == {"/sign-in"}
    assert len({action.path for action in ACTIONS}) == len(ACTIONS)


async def test_every_action_leads_to_a_page(db, web):
    await sign_in_as(web, db, await an_admin(db))

    for action in ACTIONS:
        assert (await web.get(action.path)).status_code in (200, 303), action.path
