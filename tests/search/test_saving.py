"""Searches that members keep: their own text, for themselves only."""

import asyncio
import json

import pytest

from forum.accounts.commands import delete, merge
from forum.accounts.export import export
from forum.accounts.types import DeletionDraft, MergeDraft
from forum.kit.db import run, value
from forum.kit.errors import Forbidden, Invalid, NotFound
from forum.members.types import GUEST
from forum.search import saving, synonyms
from forum.search.asked_types import MOST_SAVED, SearchDraft, SynonymsDraft
from forum.wiring import HOLDINGS
from tests.accounts.test_export import files
from tests.factories import a_category, a_group, a_member, a_thread, an_admin, sign_in_as
from tests.hostile import attacks
from tests.real_data import needs_data


def draft(text="filter renewal category:e-rate"):
    return SearchDraft.from_text(text)


async def kept(db, who) -> list[str]:
    return [each.query for each in await saving.saved_searches(db, who)]


async def test_a_search_is_kept_as_it_was_typed_filters_and_all(db):
    ann = await a_member(db)
    await saving.save(db, ann, draft('"Form 470"  -draft by:ann.lee category:vault'))

    (only,) = await saving.saved_searches(db, ann)

    assert only.query == '"Form 470" -draft by:ann.lee category:vault'
    assert only.path == "/search?q=%22Form+470%22+-draft+by%3Aann.lee+category%3Avault"
    assert (only.title, only.level) == (only.query, "none")


async def test_the_same_search_twice_is_once(db):
    ann, ben = await a_member(db), await a_member(db)
    first = await saving.save(db, ann, draft())

    assert await saving.save(db, ann, draft("FILTER renewal   category:e-rate")) == first
    assert await saving.save(db, ben, draft()) != first
    assert len(await kept(db, ann)) == 1


async def test_eight_at_the_same_moment_keep_one(db):
    ann = await a_member(db)
    ids = await asyncio.gather(*(saving.save(db, ann, draft()) for _ in range(8)))

    assert len(set(ids)) == 1


async def test_there_are_at_most_fifty_also_at_the_same_moment(db):
    ann = await a_member(db)
    for n in range(MOST_SAVED - 2):
        await saving.save(db, ann, draft(f"search {n}"))

    done = await asyncio.gather(*(saving.save(db, ann, draft(f"more {n}")) for n in range(8)), return_exceptions=True)

    assert sum(isinstance(each, int) for each in done) == 2
    refusals = [each for each in done if not isinstance(each, int)]
    assert {each.fields["query"] for each in refusals} == {"You keep 50 searches already. Remove one first."}
    assert len(await kept(db, ann)) == MOST_SAVED
    assert await saving.save(db, ann, draft("search 0"))  # it is kept already
    assert await saving.save(db, await a_member(db), draft())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Write what"),
        (" \n ", "Write what"),
        ("\u3164", "Write what"),
        ("x" * 501, "has 501"),
        ("a\x07", "nobody sees"),
    ],
)
async def test_what_will_not_do_is_said(db, text, words):
    ann = await a_member(db)
    with pytest.raises(Invalid) as refusal:
        await saving.save(db, ann, draft(text))

    assert words in refusal.value.fields["query"]
    assert await kept(db, ann) == []


async def test_one_is_named_and_removed_and_twice_is_once(db):
    ann = await a_member(db)
    saved_id = await saving.save(db, ann, draft())
    for _ in range(2):
        await saving.rename(db, ann, saved_id, "  Our\tfilter ")
    (only,) = await saving.saved_searches(db, ann)
    assert only.title == "Our filter"

    await saving.rename(db, ann, saved_id, "")
    (only,) = await saving.saved_searches(db, ann)
    assert only.title == only.query

    for _ in range(2):
        await saving.remove(db, ann, saved_id)
    assert await kept(db, ann) == []


@pytest.mark.parametrize("name", ["x" * 81, "a\x07b"])
async def test_a_name_that_will_not_do_changes_nothing(db, name):
    ann = await a_member(db)
    saved_id = await saving.save(db, ann, draft())
    with pytest.raises(Invalid):
        await saving.rename(db, ann, saved_id, name)

    assert (await saving.saved_searches(db, ann))[0].name == ""


async def test_guests_keep_nothing(db):
    for refused in (
        saving.save(db, GUEST, draft()),
        saving.rename(db, GUEST, 1, ""),
        saving.remove(db, GUEST, 1),
    ):
        with pytest.raises(Forbidden):
            await refused


async def test_what_is_anothers_is_as_if_it_were_not_there(db):
    ann, admin = await a_member(db), await an_admin(db)
    saved_id = await saving.save(db, ann, draft())

    assert await kept(db, admin) == []
    for each in (saved_id, 2**62):
        with pytest.raises(NotFound):
            await saving.rename(db, admin, each, "Mine")
        await saving.remove(db, admin, each)
    (only,) = await saving.saved_searches(db, ann)
    assert only.name == ""


async def test_what_is_rolled_back_was_never_kept(db):
    ann = await a_member(db)
    async with db.transaction(force_rollback=True):
        await saving.save(db, ann, draft())

    assert await kept(db, ann) == []


async def test_the_export_holds_them_and_nobody_elses(db):
    ann = await a_member(db)
    await saving.save(db, ann, draft("toner"))
    await saving.save(db, await a_member(db), draft("secret of another"))

    found = files(await export(db, ann, HOLDINGS))

    assert [each["query"] for each in json.loads(found["search/searches.json"])] == ["toner"]
    assert not any("secret of another" in text for text in found.values())


async def test_two_accounts_that_become_one_keep_each_search_once(db):
    old, new, admin = await a_member(db), await a_member(db), await an_admin(db)
    await saving.save(db, old, draft("Toner"))
    await saving.save(db, old, draft("ink"))
    await saving.save(db, new, draft("toner"))

    await merge(db, admin, MergeDraft(old.handle, new.handle, "One person"), HOLDINGS)

    assert sorted(await kept(db, new)) == ["ink", "toner"]
    assert await kept(db, old) == []


@pytest.mark.parametrize("choice", ["anonymise", "remove"])
async def test_a_deleted_account_leaves_no_search_and_no_name_at_synonyms(db, choice):
    await run(db, "DELETE FROM search_synonym")
    ada, _ = await an_admin(db), await an_admin(db)
    await saving.save(db, ada, draft())
    await synonyms.add(db, ada, SynonymsDraft.from_line("toner, ink"))

    await delete(db, ada, DeletionDraft(choice, ada.handle), HOLDINGS)

    assert await value(db, "SELECT count(*) FROM saved_search") == 0
    (group,) = await synonyms.all_synonyms(db)
    assert (group.line, group.changer_name) == ("toner, ink", None)


async def test_a_saved_search_shows_its_text_and_nothing_it_would_find(db, web):
    room = await a_category(db, slug="vault", read_by="groups", groups=[await a_group(db)])
    insider = await a_member(db, groups=["circle"])
    await a_thread(db, category=room, author=insider, title="A zqxtitle of the circle", body="zqxbody")
    ann = await sign_in_as(web, db, await a_member(db))
    await saving.save(db, ann, draft("zqxbody category:vault"))

    page = (await web.get("/searches")).text

    assert "zqxbody category:vault" in page
    assert "zqxtitle" not in page


@pytest.mark.parametrize("role", ["member", "vendor", "moderator", "admin"])
async def test_each_kind_of_member_keeps_searches_on_their_page(db, web, role):
    if role == "moderator":
        await sign_in_as(web, db, await a_member(db, moderates=[await a_category(db)]))
    else:
        await sign_in_as(web, db, await a_member(db, role=role))
    assert "You keep no searches." in (await web.get("/searches")).text

    answer = await web.post("/searches", data={"query": "filter  is:answered"})
    assert answer.headers["location"] == "/search?q=filter+is%3Aanswered&notice=search-saved"
    assert "The search is saved." in (await web.get(answer.headers["location"])).text
    saved_id = await value(db, "SELECT id FROM saved_search")
    assert 'href="/search?q=filter+is%3Aanswered"' in (await web.get("/searches")).text

    await web.post(f"/follow/search/{saved_id}", data={"level": "weekly"})
    await web.post(f"/searches/{saved_id}/name", data={"name": "Answers"})
    page = (await web.get("/searches")).text
    assert "Weekly digest" in page
    assert ">Answers</a>" in page
    await web.post(f"/searches/{saved_id}/follow", data={"on": ""})
    assert "Followed" not in (await web.get("/searches")).text
    assert (await web.post(f"/searches/{saved_id}/remove")).status_code == 303
    assert "You keep no searches." in (await web.get("/searches")).text


async def test_guests_are_told_to_sign_in(db, web):
    for answer in (await web.get("/searches"), await web.post("/searches", data={"query": "toner"})):
        assert answer.status_code == 403
        assert "Sign in to keep searches." in answer.text
    assert await value(db, "SELECT count(*) FROM saved_search") == 0


async def test_what_was_typed_stays_when_it_will_not_do(db, web):
    ann = await sign_in_as(web, db, await a_member(db))
    long = "toner " * 100
    answer = await web.post("/searches", data={"query": long})
    assert answer.status_code == 422
    assert f'value="{long.strip()}"' in answer.text
    saved_id = await saving.save(db, ann, draft())

    answer = await web.post(f"/searches/{saved_id}/name", data={"name": "y" * 81})

    assert answer.status_code == 422
    assert "At most 80 characters" in answer.text
    assert f'id="name" name="name" value="{"y" * 81}"' in answer.text
    assert (await web.post("/searches/999/name", data={"name": "y" * 81})).status_code == 422
    assert (await web.post("/searches/999/name", data={"name": "y"})).status_code == 404


@needs_data
async def test_hostile_searches_are_text(db, web):
    await sign_in_as(web, db, await a_member(db))
    for attack in list(dict.fromkeys(attacks()))[::6]:
        async with db.transaction(force_rollback=True):
            answer = await web.post("/searches", data={"query": attack[:500]})
            assert answer.status_code in (303, 422), attack
            page = await web.get("/searches")
        assert page.status_code == 200
        assert "\n" not in answer.headers.get("location", "")
        if "<" in attack:
            assert attack[:500].strip() not in page.text
