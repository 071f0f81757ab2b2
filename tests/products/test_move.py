"""Members tell how they moved from one product to another: a thread of its own, and a line on both products' pages."""

import asyncio
from dataclasses import replace

import pytest

from forum.kit.db import run, value
from forum.kit.errors import Forbidden, Invalid, NotFound, Stale
from forum.members.types import GUEST
from forum.products import account, commands, queries, stories, story_queries
from forum.products.story_types import REGRETS
from forum.screening.commands import watch
from forum.screening.types import WordDraft
from forum.threads import delete
from forum.threads import queries as threads
from forum.wiring import PRODUCT_MERGES
from tests.factories import a_member, an_admin, sign_in_as
from tests.products.catalogue import a_product, a_vendor_account
from tests.products.moves import a_story, a_story_draft
from tests.products.reviews import a_place, a_reviewer


@pytest.fixture
async def pair(db):
    """The addresses of a product left and of the one moved to, of two vendors."""
    await a_place(db)
    return await a_product(db, "Old Filter", vendor="Elder"), await a_product(db, "New Filter", vendor="NorthGate")


async def shown(db, actor, slug):
    return await story_queries.stories(db, actor, (await queries.product(db, actor, slug)).id)


async def own(db, actor, old, new):
    ids = [(await queries.product(db, actor, slug)).id for slug in (old, new)]
    return await story_queries.own_story(db, actor, *ids)


async def count(db):
    return await value(db, "SELECT count(*) FROM switch_story")


async def opening(db, actor, story):
    thread_id = int(story.thread_path.split("/")[2])
    thread = await threads.thread(db, actor, thread_id)
    post_id = await value(db, "SELECT p.id FROM post p WHERE p.thread_id = :id AND p.number = 1", id=thread_id)
    return thread, await threads.post_source(db, actor, post_id)


async def test_a_story_is_a_thread_under_its_writers_name_and_stands_with_both_products(db, pair):
    old, new = pair
    ann = await a_reviewer(db, name="Ann Lee")
    draft = a_story_draft(
        old,
        4,
        went_badly="Two schools were late.",
        weeks=6,
        carried="most",
        carried_how="by CSV.",
        cents=1_200_000,
        may_be_called=True,
    )

    assert await stories.tell(db, ann, new, draft) == f"/products/{new}"

    here, away = await shown(db, ann, new), await shown(db, ann, old)
    assert [(flow.name, flow.districts) for flow in here.here] == [("Old Filter", 1)]
    assert [(flow.name, flow.districts) for flow in away.away] == [("New Filter", 1)]
    assert (here.away, away.here) == ([], [])
    story = here.told[0]
    assert (story.regret_words, story.facts, story.may_be_called, story.is_own) == (
        "Much regret",
        "6 weeks · $12,000",
        True,
        True,
    )
    thread, post = await opening(db, ann, story)
    assert (thread.kind, thread.title) == ("discussion", "We moved from Old Filter to New Filter")
    assert (post.author_name, post.format) == ("Ann Lee", "form")
    assert len(set(REGRETS.values())) == 5
    words = (
        "**Much regret** (4 of 5)",
        "It took 6 weeks.",
        "Most of the data came along: by CSV.",
        "Two schools were late.",
    )
    assert [word for word in words if word not in post.source] == []
    assert [word for word in ("12", "call") if word in post.source] == []


async def test_the_product_left_is_known_by_any_of_its_names(db, pair):
    _, new = pair
    elsewhere = await a_product(db, "Far Backup", kind="Backup", other_names="Farther")
    ann = await a_reviewer(db)

    await stories.tell(db, ann, new, a_story_draft("", from_name="  farther "))

    assert (await own(db, ann, elsewhere, new)).draft.moved_from == elsewhere


async def test_a_story_is_changed_where_it_was_told(db, pair):
    old, new = pair
    ann = await a_reviewer(db)
    await a_story(db, old, new, by=ann)

    await stories.tell(db, ann, new, a_story_draft(old, 5, went_well="Nothing", version=1))

    story = (await shown(db, ann, new)).told[0]
    _, post = await opening(db, ann, story)
    assert (story.regret, "Nothing" in post.source, post.version) == (5, True, 2)
    assert (await own(db, ann, old, new)).draft.version == 2
    with pytest.raises(Stale):
        await stories.tell(db, ann, new, a_story_draft(old, 1, version=1))


async def test_a_story_sent_twice_or_at_the_same_moment_is_told_once(db, pair):
    old, new = pair
    ann = await a_reviewer(db)
    draft = a_story_draft(old)

    await asyncio.gather(*(stories.tell(db, ann, new, draft) for _ in range(4)))
    await stories.tell(db, ann, new, draft)

    assert (await count(db), await value(db, "SELECT count(*) FROM thread")) == (1, 1)
    with pytest.raises(Invalid) as refusal:
        await stories.tell(db, ann, new, replace(draft, went_well="Another text"))
    assert refusal.value.fields == {"form": stories.ALREADY}


async def test_districts_count_once_however_many_of_their_members_tell(db, pair):
    old, new = pair
    ann = await a_reviewer(db)
    district = await value(db, "SELECT m.district_id FROM member m WHERE m.id = :id", id=ann.id)
    for who in (ann, await a_reviewer(db, district_id=district), await a_reviewer(db)):
        await a_story(db, old, new, by=who)

    found = await shown(db, ann, new)

    assert ([flow.districts for flow in found.here], len(found.told)) == ([2], 3)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"regret": 0}, "regret"),
        ({"regret": 6}, "regret"),
        ({"went_well": " "}, "went_well"),
        ({"went_well": "x" * 4001}, "went_well"),
        ({"went_badly": "x" * 4001}, "went_badly"),
        ({"weeks": 0}, "weeks"),
        ({"weeks": 521}, "weeks"),
        ({"carried": "half"}, "carried"),
        ({"carried_how": "x" * 301}, "carried_how"),
        ({"cents": 10_000_000_001}, "cost"),
        ({"moved_from": ""}, "moved_from"),
        ({"moved_from": "nothing-like-it"}, "moved_from"),
        ({"moved_from": "", "from_name": "Nothing like it"}, "from_name"),
        ({"moved_from": "", "from_name": "x" * 121}, "from_name"),
        ({"moved_from": "new-filter"}, "moved_from"),
    ],
)
async def test_what_will_not_do_is_said_in_one_sentence(db, pair, fields, field):
    ann = await a_reviewer(db)

    draft = a_story_draft(**({"moved_from": pair[0]} | fields))
    with pytest.raises(Invalid) as refusal:
        await stories.tell(db, ann, pair[1], draft)

    assert list(refusal.value.fields) == [field]
    assert await count(db) == 0


async def test_who_may_not_tell_hears_why(db, pair):
    old, new = pair
    vic, lonely = await a_vendor_account(db), await a_member(db)

    for who in (vic, lonely):
        with pytest.raises(Forbidden):
            await stories.tell(db, who, new, a_story_draft(old))
    with pytest.raises(NotFound):
        await stories.tell(db, GUEST, new, a_story_draft(old))

    silent = await a_reviewer(db)
    await run(db, "UPDATE category SET reply_by = 'staff' WHERE slug = 'reviews'")
    with pytest.raises(Forbidden) as refusal:
        await stories.tell(db, silent, new, a_story_draft(old))
    assert refusal.value.reason == "Only staff tell of moves in this category."
    assert await count(db) == 0


async def test_words_that_stop_a_post_stop_a_story_and_nothing_is_left(db, pair):
    await watch(db, await an_admin(db), WordDraft("darn", "block", "Kinder, please.", "", ""))

    with pytest.raises(Invalid):
        await a_story(db, *pair, went_badly="Darn it")

    assert (await count(db), await value(db, "SELECT count(*) FROM thread")) == (0, 0)


async def test_a_story_whose_thread_is_deleted_is_not_listed_and_not_changed(db, pair):
    old, new = pair
    ann = await a_reviewer(db)
    await a_story(db, old, new, by=ann)
    await delete.delete(db, ann, (await own(db, ann, old, new)).post_id, "")

    assert (await shown(db, ann, new)).told == ()
    with pytest.raises(Forbidden) as refusal:
        await stories.tell(db, ann, new, a_story_draft(old, version=1))
    assert refusal.value.reason == stories.GONE


async def test_vendors_read_stories_where_they_read_the_thread_but_neither_costs_nor_whom_to_call(db, pair):
    old, new = pair
    vic, ann = await a_vendor_account(db, vendor="NorthGate"), await a_reviewer(db)
    await a_story(db, old, new, cents=99_00, may_be_called=True)
    await a_story(db, old, new, keeps_vendors_out=True)

    found = await shown(db, vic, new)

    assert [(each.cents, each.may_be_called, each.facts) for each in found.told] == [(None, False, "")]
    assert [(each.name, each.path, each.districts) for each in found.here] == [("", "", 1)]
    assert len((await shown(db, ann, new)).told) == 2


async def test_stories_follow_products_that_become_one(db, pair):
    old, new = pair
    older, admin = await a_product(db, "Oldest Filter"), await an_admin(db)
    ann, ben = await a_reviewer(db), await a_reviewer(db)
    for left in (old, older):
        await a_story(db, left, new, by=ann, went_well=f"From {left}")
    await a_story(db, older, old, by=ben)
    older_id = (await queries.product(db, admin, older)).id

    await commands.merge(db, admin, older_id, old, PRODUCT_MERGES)

    found = await shown(db, ann, new)
    assert [flow.name for flow in found.here] == ["Old Filter"]
    assert [each.is_own for each in found.told] == [True]
    assert (await own(db, ann, old, new)).draft.went_well == f"From {older}"
    assert (await shown(db, ann, old)).here == []
    assert await value(db, "SELECT count(*) FROM thread t WHERE t.deleted_at IS NULL") == 3


async def test_a_story_is_exported_handed_over_and_forgotten_with_its_writer(db, pair):
    old, new = pair
    ann, ben = await a_reviewer(db), await a_reviewer(db)
    await a_story(db, old, new, by=ann, cents=5000, may_be_called=True)

    assert [(row["moved_from"], row["cost_cents"]) for row in (await account.export(db, ann))["moves"]] == [
        ("Old Filter", 5000)
    ]
    await account.hand_over(db, ann.id, ben.id)
    assert await own(db, ben, old, new)
    await account.forget(db, ben.id, False)
    assert [(each.may_be_called, each.cents) for each in (await shown(db, ben, new)).told] == [(False, 5000)]

    await a_story(db, old, new, by=ann)
    await account.forget(db, ann.id, True)
    assert await count(db) == 1


async def test_the_form_keeps_what_was_typed_and_the_page_shows_the_story(db, web, pair):
    old, new = pair
    ann = await sign_in_as(web, db, await a_reviewer(db, name="Ann Lee"))
    form, sent = f"/products/{new}/moved", {"moved_from": old, "regret": "1", "went_well": "It went well."}
    assert "What did you move from?" in (await web.get(form)).text

    wrong = await web.post(form, data=sent | {"cost": "much", "version": "0"})
    assert (wrong.status_code, "in dollars, as 12000" in wrong.text, "It went well." in wrong.text) == (422, True, True)
    kept = await web.post(form, data=sent | {"cost": "$1,500", "may_be_called": "1", "version": "0"})
    assert (kept.status_code, kept.headers["location"]) == (303, f"/products/{new}?notice=told#moves")
    page = (await web.get(f"/products/{new}")).text
    words = ("We moved from Old Filter to New Filter", "No regret", "$1,500", "You may call", "Change it")
    assert [word for word in words if word not in page] == []

    again = await web.get(f"{form}?from={old}")
    assert ("Your move from Old Filter to New Filter" in again.text, "1,500.00" in again.text) == (True, True)
    assert (await web.post(form, data=sent | {"version": "1", "regret": "3"})).status_code == 303
    assert (await web.post(form, data=sent | {"version": "1", "regret": "4"})).status_code == 409
    assert (await own(db, ann, old, new)).draft.regret == 3
