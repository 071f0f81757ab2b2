"""Every form takes the fields it has, once each, of their kind and length, and nothing beside (rows 30, 31 and 53)."""

import secrets

import pytest

from forum.kit.db import rows, run, value
from forum.kit.errors import Invalid
from forum.kit.forms import Form
from forum.kit.limits import Limit
from forum.kit.posting import WITHOUT_TOKEN
from forum.wiring import PACE, ROUTES
from tests.factories import a_category, a_member, a_reply, a_thread, an_admin, post_id, sign_in_as
from tests.fields import forms, reads_form
from tests.routes import UNSAFE, filled

FORMS = {path: fields for path, fields in forms().items() if path not in WITHOUT_TOKEN and not path.startswith("/demo")}
REFUSED = {400, 403, 404, 405, 413, 422}
TELLING = ("role", "state", "member_id", "author_id", "is_pinned", "id", "created_at", "session_id")
NEVER_CHANGES = ("limit_count", "form_receipt", "session")
ODD = [
    "1.5",
    "1 ",
    " 1",
    "1e3",
    "1\x00",
    "-1",
    "9" * 18,
    "9" * 30,
    "٣",
    "NaN",
    "[1]",
    '{"a":1}',
    "true",
    "'--",
    "\r\n",
]
LENGTHS = (41, 61, 81, 121, 201, 255, 501, 1001, 2001, 5001, 30_001)


@pytest.fixture(autouse=True)
def no_pace(monkeypatch):
    """So much is sent that it would be told to wait before it is looked at."""
    monkeypatch.setattr("forum.app.PACE", {key: Limit(limit.name, 10**6, 600) for key, limit in PACE.items()})


@pytest.fixture
async def world(db, web):
    """An administrator, and something of everything to post at; returns the places of paths."""
    await sign_in_as(web, db, await an_admin(db))
    slug = await a_category(db)
    thread_id = await a_thread(db, category=slug)
    await a_reply(db, thread_id)
    return {
        "thread_id": thread_id,
        "post_id": await post_id(db, thread_id, 2),
        "category_id": await value(db, "SELECT id FROM category WHERE slug = :slug", slug=slug),
        "handle": (await a_member(db)).handle,
        "category": slug,
    }


def sample(world, name: str) -> str:
    """Something that field may hold, as far as its name tells."""
    known = {
        "title": "A title that is long enough",
        "body": "Words.",
        "name": "Ann",
        "address": f"{secrets.token_hex(4)}@district.example",
        "category": world["category"],
        "kind": "question",
        "client_key": secrets.token_hex(8),
        "version": "1",
        "reason": "Because.",
        "note": "A note.",
        "handle": world["handle"],
        "helpful": "yes",
        "order": "time",
        "theme": "dark",
        "decision": "approve",
        "draft_key": "ask",
        "next": "/",
        "slug": "some-slug",
        "into": "other",
    }
    return known.get(name, "")


async def rows_of(db) -> dict[str, str]:
    """How many rows each table has, and which transaction wrote the newest."""
    names = [row["relname"] for row in await rows(db, "SELECT relname FROM pg_stat_user_tables ORDER BY relname")]
    sums = "SELECT CAST((count(*), max(CAST(CAST(xmin AS text) AS bigint))) AS text) FROM "
    return {name: await value(db, sums + name) for name in names if name not in NEVER_CHANGES}


def test_every_view_that_changes_something_names_its_fields():
    loose = [route.path for route in ROUTES if route.methods & set(UNSAFE) and not reads_form(route.endpoint)]

    assert set(loose) <= WITHOUT_TOKEN, "Read the form with form_of(request, …names), also when it has no field."


async def test_no_form_takes_the_name_of_a_column_that_is_no_field_of_it(db):
    columns = await rows(
        db, "SELECT DISTINCT column_name AS name FROM information_schema.columns WHERE table_schema = 'public'"
    )
    assert len(columns) > 150
    for path, fields in FORMS.items():
        for column in {row["name"] for row in columns} - set(fields):
            with pytest.raises(Invalid):
                Form([*((field, "1") for field in fields), (column, "1")]).only((), fields)
            assert column not in fields, path


async def test_a_form_with_a_columns_name_beside_its_fields_changes_nothing(db, web, world):
    before = await rows_of(db)
    for path, fields in FORMS.items():
        await run(db, "DELETE FROM limit_count")  # all of them together are too many for ten minutes
        for column in set(TELLING) - set(fields):
            sent = {name: sample(world, name) for name in fields} | {column: "1"}
            answer = await web.post(filled(path, **world), data=sent)
            assert answer.status_code in REFUSED, (path, column)
    assert await rows_of(db) == before


async def test_a_field_that_comes_twice_or_as_a_list_is_refused(db, web, world):
    before = await rows_of(db)
    for path, fields in FORMS.items():
        sent = {name: sample(world, name) for name in fields}
        for name in fields:
            for more in ({f"{name}[]": "1"}, {f"{name}[0]": "1"}, {f"{name}.x": "1"}, {name.upper(): "1"}):
                if not set(more) <= set(fields):
                    answer = await web.post(filled(path, **world), data=sent | more)
                    assert answer.status_code in REFUSED, (path, more)
    assert await rows_of(db) == before


async def test_odd_values_break_no_form(db, web, world):
    for path, fields in FORMS.items():
        for odd in ODD:
            await sign_in_as(web, db, await an_admin(db))
            for sent in (dict.fromkeys(fields, odd), {name: [odd, odd] for name in fields}):
                answer = await web.post(filled(path, **world), data=sent)
                assert answer.status_code < 500, (path, odd, answer.text[:300])


async def test_a_text_that_is_too_long_is_refused_in_words(db, web, world):
    for path, fields in FORMS.items():
        for name in fields:
            await sign_in_as(web, db, await an_admin(db))
            for length in LENGTHS:
                sent = {field: sample(world, field) for field in fields} | {name: "x" * length}
                answer = await web.post(filled(path, **world), data=sent)
                assert answer.status_code < 500, (path, name, length)


@pytest.mark.parametrize(
    "text",
    ["1.5", "1 ", " 1", "+1", "-1", "1e3", "1\x00", "1\ufffd", "9" * 19, "٣", "²", "NaN", "[1]", "1,2", "0x1", "x"],
)
def test_what_is_no_whole_number_is_refused_and_never_read_as_one(text):
    with pytest.raises(Invalid):
        Form([("n", text)]).whole("n")
    with pytest.raises(Invalid):
        Form([("n", text)]).ids("n")


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("7", 7), ("007", 7), ("9" * 18, 10**18 - 1), ("", None)])
def test_a_whole_number_is_read(text, number):
    assert Form([("n", text)]).whole("n") == number
    assert Form([]).whole("n") is None


def test_at_most_a_hundred_ids_come_at_once():
    assert Form([("n", str(n)) for n in range(100)]).ids("n") == tuple(range(100))
    with pytest.raises(Invalid):
        Form([("n", str(n)) for n in range(101)]).ids("n")


@pytest.mark.parametrize(("text", "is_on"), [("1", True), ("", False)])
def test_a_box_is_ticked_or_not(text, is_on):
    assert Form([("box", text)]).flag("box") is is_on
    assert Form([]).flag("box") is False
    for other in ("0", "on", "true", "11", " 1"):
        with pytest.raises(Invalid):
            Form([("box", other)]).flag("box")
