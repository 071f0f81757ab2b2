"""Words that mean the same: administrators tend the groups, search reads them."""

import asyncio
import re

import pytest

from forum.kit import recent
from forum.kit.db import rows, run, value
from forum.kit.errors import Forbidden, Invalid, NotFound, Stale
from forum.kit.site import MIGRATIONS
from forum.members.types import GUEST
from forum.search import synonyms
from forum.search.asked_types import SynonymsDraft
from tests.factories import a_category, a_member, an_admin, sign_in_as
from tests.hostile import attacks
from tests.real_data import needs_data

MIGRATION = MIGRATIONS / "0024_search_words.sql"


def draft(line="SIS, Student  Information System"):
    return SynonymsDraft.from_line(line)


@pytest.fixture
async def ada(db):
    """An administrator of a forum without synonyms."""
    await run(db, "DELETE FROM search_synonym")
    return await an_admin(db)


@pytest.fixture
def now(monkeypatch):
    """What the clock of the kept groups says; a test sets it on."""
    clock = [1000.0]
    monkeypatch.setattr(recent, "monotonic", lambda: clock[0])
    return clock


async def lines(db) -> list[str]:
    return [each.line for each in await synonyms.all_synonyms(db)]


async def said(db) -> int:
    """How often it was said that they changed."""
    sql = "SELECT count(*) FROM pgqueuer WHERE convert_from(payload, 'UTF8') LIKE '%synonyms.changed%'"
    return await value(db, sql)


async def test_a_group_is_kept_in_small_letters_and_read_by_search(db, ada):
    await synonyms.add(db, ada, draft())

    assert await synonyms.synonym_groups(db) == [("sis", "student information system")]
    assert await said(db) == 1


async def test_the_same_group_twice_is_once(db, ada):
    first = await synonyms.add(db, ada, draft())

    assert await synonyms.add(db, ada, draft("sis, student information system")) == first
    assert await lines(db) == ["sis, student information system"]
    assert await said(db) == 1


async def test_eight_at_the_same_moment_add_one_group(db, ada):
    ids = await asyncio.gather(*(synonyms.add(db, ada, draft()) for _ in range(8)))

    assert len(set(ids)) == 1
    assert len(await lines(db)) == 1


async def test_two_groups_with_one_term_at_the_same_moment_are_never_both_there(db, ada):
    asked = [synonyms.add(db, ada, draft(f"sis, other {n}")) for n in range(8)]

    done = await asyncio.gather(*asked, return_exceptions=True)

    assert sum(isinstance(each, int) for each in done) == 1
    assert all(isinstance(each, int | Invalid) for each in done)
    assert len(await lines(db)) == 1


async def test_a_term_of_another_group_is_refused_and_the_group_named(db, ada):
    await synonyms.add(db, ada, draft())
    other = await synonyms.add(db, ada, draft("lms, learning management system"))

    for refused in (
        synonyms.add(db, ada, draft("roster, sis")),
        synonyms.change(db, ada, other, draft("lms, SIS"), version=1),
    ):
        with pytest.raises(Invalid) as refusal:
            await refused
        assert "“sis” stands in another group: sis, student information system." in refusal.value.fields["terms"]
    assert await lines(db) == ["lms, learning management system", "sis, student information system"]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", "at least two"),
        (" , ,, ", "at least two"),
        ("sis", "at least two"),
        ("sis, SIS ,sis", "at least two"),
        (", ".join(f"term {n}" for n in range(13)), "At most 12"),
        (f"sis, {'x' * 61}", "too long"),
        ('sis, "a phrase"', "will not do"),
        ("sis, -out", "will not do"),
        ("sis, <b>bold</b>", "will not do"),
        ("sis, a\x07b", "will not do"),
        ("sis, !!!", "will not do"),
        ("sis, a & !b:*", "will not do"),
        ("sis, 𝔰𝔦𝔰", "at least two"),  # the same letters in another dress
        ("x" * 30_000, "at least two"),
    ],
)
async def test_what_will_not_do_is_said_and_changes_nothing(db, ada, line, words):
    with pytest.raises(Invalid) as refusal:
        await synonyms.add(db, ada, draft(line))

    assert words in refusal.value.fields["terms"]
    assert await lines(db) == []
    assert await said(db) == 0


@pytest.mark.parametrize(
    "line", ["1:1, one to one", "e-rate, erate", "c#, c sharp", "at&t, att", "form 470, 470", "x/y, children's act"]
)
async def test_words_of_the_trade_are_taken(db, ada, line):
    await synonyms.add(db, ada, draft(line))

    assert await lines(db) == [line]


async def test_a_change_counts_and_another_from_an_older_version_is_stale(db, ada):
    synonym_id = await synonyms.add(db, ada, draft())
    await synonyms.change(db, ada, synonym_id, draft("sis, student records"), version=1)

    with pytest.raises(Stale):
        await synonyms.change(db, ada, synonym_id, draft("sis, other"), version=1)
    await synonyms.change(db, ada, synonym_id, draft("sis, student records"), version=1)  # it is so already

    (group,) = await synonyms.all_synonyms(db)
    assert (group.line, group.version, group.changer_name) == ("sis, student records", 2, ada.name)
    assert await said(db) == 2


async def test_of_changes_at_the_same_moment_one_counts(db, ada):
    synonym_id = await synonyms.add(db, ada, draft())

    done = await asyncio.gather(
        *(synonyms.change(db, ada, synonym_id, draft(f"sis, number {n}"), version=1) for n in range(8)),
        return_exceptions=True,
    )

    assert sum(each is None for each in done) == 1
    assert all(each is None or isinstance(each, Stale) for each in done)


async def test_a_group_that_is_not_there_cannot_be_changed(db, ada):
    with pytest.raises(NotFound):
        await synonyms.change(db, ada, 1, draft(), version=1)


async def test_removing_twice_is_once(db, ada):
    synonym_id = await synonyms.add(db, ada, draft())

    await asyncio.gather(*(synonyms.remove(db, ada, synonym_id) for _ in range(5)))

    assert await lines(db) == []
    assert await said(db) == 2


async def test_nobody_but_administrators_changes_them(db, ada):
    synonym_id = await synonyms.add(db, ada, draft())
    people = [GUEST, await a_member(db), await a_member(db, role="vendor")]
    for who in [*people, await a_member(db, moderates=[await a_category(db)])]:
        for refused in (
            synonyms.add(db, who, draft("a1, b2")),
            synonyms.change(db, who, synonym_id, draft("sis, other"), version=1),
            synonyms.remove(db, who, synonym_id),
        ):
            with pytest.raises(Forbidden):
                await refused
    assert await lines(db) == ["sis, student information system"]


async def test_what_is_rolled_back_was_never_said_nor_read(db, ada):
    synonym_id = await synonyms.add(db, ada, draft())
    async with db.transaction(force_rollback=True):
        await synonyms.add(db, ada, draft("lms, learning management system"))
        await synonyms.change(db, ada, synonym_id, draft("sis, other"), version=1)
        await synonyms.remove(db, ada, synonym_id)

    assert await lines(db) == ["sis, student information system"]
    assert await synonyms.synonym_groups(db) == [("sis", "student information system")]
    assert await said(db) == 1
    assert await value(db, "SELECT count(*) FROM audit_entry WHERE subject_kind = 'search_synonym'") == 1


async def test_there_is_a_most(db, ada, monkeypatch):
    monkeypatch.setattr(synonyms, "MOST", 1)
    await synonyms.add(db, ada, draft())

    with pytest.raises(Invalid):
        await synonyms.add(db, ada, draft("lms, learning management system"))


async def test_what_was_done_stands_in_the_log_without_the_words(db, ada):
    synonym_id = await synonyms.add(db, ada, draft("zqxsecret, other"))
    await synonyms.change(db, ada, synonym_id, draft("zqxsecret, another"), version=1)
    await synonyms.remove(db, ada, synonym_id)

    entries = await rows(db, "SELECT act, actor_id, before, after, reason FROM audit_entry ORDER BY id")
    assert [entry["act"] for entry in entries] == ["synonyms.added", "synonyms.changed", "synonyms.removed"]
    assert {entry["actor_id"] for entry in entries} == {ada.id}
    assert "zqx" not in str([dict(entry) for entry in entries])


async def test_another_process_reads_a_change_after_some_seconds(db, ada, now):
    await synonyms.add(db, ada, draft())
    assert len(await synonyms.synonym_groups(db)) == 1
    await run(db, "DELETE FROM search_synonym")  # by another process

    assert len(await synonyms.synonym_groups(db)) == 1
    now[0] += synonyms.KEPT_S
    assert await synonyms.synonym_groups(db) == []


def test_the_forum_begins_with_groups_that_its_own_rules_take():
    found = re.findall(r"^    \('(.*)'\)[,;]$", MIGRATION.read_text(), re.M)
    drafts = [draft(line.replace("''", "'")) for line in found]
    for each, line in zip(drafts, found, strict=True):
        each.check()
        assert each.line == line.replace("''", "'")
    terms = [term for each in drafts for term in each.terms]

    assert len(drafts) >= 30
    assert len(terms) == len(set(terms))


async def test_the_page_adds_changes_and_removes(db, web, ada):
    await sign_in_as(web, db, ada)
    answer = await web.post("/admin/search/synonyms", data={"terms": "SIS, student records"})
    assert answer.headers["location"] == "/admin/search?notice=saved"
    path = f"/admin/search/synonyms/{await value(db, 'SELECT id FROM search_synonym')}"
    assert "sis, student records" in (await web.get(path)).text

    await web.post(path, data={"terms": "sis, powerschool", "version": "1"})
    page = (await web.get("/admin/search")).text
    assert "sis, powerschool" in page
    assert ada.name in page

    await web.post(f"{path}/remove")
    assert await lines(db) == []
    assert (await web.get(path)).status_code == 404


async def test_what_was_typed_stays_when_it_will_not_do_or_somebody_was_faster(db, web, ada):
    await sign_in_as(web, db, ada)
    answer = await web.post("/admin/search/synonyms", data={"terms": "Only One"})
    assert answer.status_code == 422
    assert 'value="Only One"' in answer.text
    synonym_id = await synonyms.add(db, ada, draft())
    path = f"/admin/search/synonyms/{synonym_id}"
    await synonyms.change(db, ada, synonym_id, draft("sis, theirs"), version=1)

    answer = await web.post(path, data={"terms": "sis, mine", "version": "1"})

    assert answer.status_code == 409
    assert 'value="sis, mine"' in answer.text
    assert "The group now: sis, theirs" in answer.text
    assert 'name="version" value="2"' in answer.text
    assert (await web.post(path, data={"terms": "sis, mine", "version": "2"})).status_code == 303
    assert (await web.post(path, data={"terms": "sis", "version": "3"})).status_code == 422


@needs_data
async def test_hostile_words_are_refused_or_text(db, web, ada):
    await sign_in_as(web, db, ada)
    for attack in list(dict.fromkeys(attacks()))[::6]:
        async with db.transaction(force_rollback=True):
            answer = await web.post("/admin/search/synonyms", data={"terms": f"sis, {attack[:200]}"})
            assert answer.status_code in (303, 422), attack
        if "<" in attack:
            assert attack[:200].strip() not in answer.text
