"""What is looked for is counted by day, without names, and forgotten after ninety days."""

import asyncio

import pytest
from asyncpg.exceptions import CheckViolationError

from forum.kit.db import rows, run
from forum.search import asked_jobs, asking
from forum.wiring import SCHEDULE
from tests.factories import a_category, a_member, an_admin, sign_in_as


async def kept(db) -> dict[str, tuple[int, int]]:
    found = await rows(db, "SELECT words, asked, unfound FROM search_asked ORDER BY words")
    return {row["words"]: (row["asked"], row["unfound"]) for row in found}


async def asked(db, words, times=1, *, found=1, days_ago=0):
    """Somebody looked for `words` so often, that long ago."""
    await run(
        db,
        """
        INSERT INTO search_asked (day, words, asked, unfound)
        VALUES (current_date - CAST(:days_ago AS integer), :words, :times, :unfound)
        """,
        words=words,
        times=times,
        unfound=0 if found else times,
        days_ago=days_ago,
    )


async def test_the_same_words_in_another_dress_are_counted_together(db):
    for words in ("Filter  Renewal", " FILTER\trenewal "):
        await asking.note_asked(db, words, 3)
    for words in ("filter renewal", "ﬁlter renewal"):
        await asking.note_asked(db, words, 0)

    assert await kept(db) == {"filter renewal": (4, 2)}


async def test_nothing_says_who_asked_or_when_in_the_day(db):
    found = await rows(
        db, "SELECT column_name AS name FROM information_schema.columns WHERE table_name = 'search_asked'"
    )

    assert {row["name"] for row in found} == {"day", "words", "asked", "unfound"}


@pytest.mark.parametrize(
    "words",
    [
        "ann@pine.example",
        "mail of ann ＠ pine",
        "student 12345",
        "123456789",
        "１２３４５６",
        "٣٣٣٣٣",
        "call 555-1234",
        "call (555) 123-4567",
        "555.123.4567",
        "123-45-6789",
        "1 2 3 4 5 6 7 8 9",
        "",
        "   ",
        "a\x07b",
        "\u3164",
        "x" * 201,
        "ﷺ" * 100,
    ],
)
async def test_what_may_name_somebody_or_says_nothing_is_not_kept(db, words):
    await asking.note_asked(db, words, 0)

    assert await kept(db) == {}


@pytest.mark.parametrize(
    "words", ["form 470", "e-rate 2026-2027", "windows 11 24h2", "802.11ax", "10.0.0.1", "1:1 2026", "x" * 200, "' --"]
)
async def test_numbers_of_the_trade_are_kept(db, words):
    await asking.note_asked(db, words, 1)

    assert await kept(db) == {words: (1, 0)}


async def test_fifty_at_the_same_moment_are_counted_as_fifty(db):
    await asyncio.gather(*(asking.note_asked(db, "printer", n % 2) for n in range(50)))

    assert await kept(db) == {"printer": (50, 25)}


async def test_what_is_rolled_back_is_not_counted(db):
    async with db.transaction(force_rollback=True):
        await asking.note_asked(db, "printer", 0)

    assert await kept(db) == {}


async def test_random_words_fill_no_disk_and_known_ones_are_still_counted(db, monkeypatch):
    monkeypatch.setattr(asking, "MOST_A_DAY", 2)
    for words in ("one", "two", "three", "one"):
        await asking.note_asked(db, words, 1)

    assert await kept(db) == {"one": (2, 0), "two": (1, 0)}


async def test_it_is_forgotten_after_ninety_days_every_night(db, tools):
    for days in (0, 89, 90, 91, 400):
        await asked(db, f"{days} days ago", days_ago=days)

    await asked_jobs.forget_asked(tools)
    await asked_jobs.forget_asked(tools)

    assert set(await kept(db)) == {"0 days ago", "89 days ago", "90 days ago"}
    assert asked_jobs.forget_asked in [job for _, job in SCHEDULE]


async def test_the_lists_count_thirty_days_and_begin_with_what_matters_most(db):
    await asked(db, "printer", 5, days_ago=29)
    await asked(db, "printer", 2, found=0)
    await asked(db, "chromecart", 3, found=0)
    await asked(db, "old", 99, found=0, days_ago=30)
    await asked(db, "toner", 4)

    assert [(each.words, each.asked, each.unfound) for each in await asking.most_asked(db)] == [
        ("printer", 7, 2),
        ("toner", 4, 0),
        ("chromecart", 3, 3),
    ]
    assert [(each.words, each.unfound) for each in await asking.most_missed(db)] == [("chromecart", 3), ("printer", 2)]
    assert len(await asking.most_asked(db, limit=2)) == 2


async def test_each_row_leads_to_the_form_with_its_words_filled_in(db, web):
    await asked(db, 'toner & "ink" #1', 3, found=0)
    await sign_in_as(web, db, await an_admin(db))

    page = await web.get("/admin/search")

    (row,) = await asking.most_missed(db)
    assert row.add_path == "/admin/search?terms=toner+%26+%22ink%22+%231#terms"
    assert page.text.count(f'href="{row.add_path}"') == 2  # in both lists
    assert 'value="toner &amp; &#34;ink&#34; #1, "' in (await web.get(row.add_path)).text


async def test_an_empty_log_says_so(db, web):
    await run(db, "DELETE FROM search_synonym")
    await sign_in_as(web, db, await an_admin(db))

    page = (await web.get("/admin/search")).text

    assert "Whatever was looked for was found." in page
    assert "Nobody has looked for anything yet." in page
    assert "No words mean the same." in page


async def test_the_page_is_there_for_administrators_only(db, web):
    await asked(db, "zqxwords", 3, found=0)
    assert (await web.get("/admin/search")).status_code == 404
    people = [await a_member(db), await a_member(db, role="vendor")]
    for who in [*people, await a_member(db, moderates=[await a_category(db)])]:
        await sign_in_as(web, db, who)
        assert (await web.get("/admin/search")).status_code == 404
        assert "/admin/search" not in (await web.get("/moderation")).text
    await sign_in_as(web, db, await an_admin(db))
    assert "zqxwords" in (await web.get("/admin/search")).text
    assert 'href="/admin/search"' in (await web.get("/admin")).text


async def test_hostile_words_are_text_on_the_page(db, web):
    await asking.note_asked(db, "<zqx onload=1>{{ 7*7 }}", 0)
    await sign_in_as(web, db, await an_admin(db))

    page = (await web.get("/admin/search")).text

    assert "&lt;zqx onload=1&gt;{{ 7*7 }}" in page
    assert "<zqx" not in page


@pytest.mark.parametrize("words", ["ann@pine.example", "student 12345", "", "x" * 201])
async def test_the_database_itself_keeps_no_address_and_no_long_number(db, words):
    with pytest.raises(CheckViolationError):
        await asked(db, words)
