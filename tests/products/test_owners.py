"""Members ask the districts that run a product, under their name or without; names are given when both agree."""

import asyncio
from dataclasses import replace

import pytest

from forum.kit.db import run, value
from forum.kit.errors import Forbidden, Invalid, NotFound
from forum.members.types import GUEST
from forum.products import account, commands, owner_queries, owners, queries
from forum.products.owner_types import MOST_ASKED, QuestionDraft
from forum.products.types import UseDraft
from forum.reader import READER_SQL
from forum.screening.commands import watch
from forum.screening.types import WordDraft
from forum.threads import queries as threads
from forum.wiring import PRODUCT_MERGES
from tests.factories import a_member, an_admin, sign_in_as
from tests.products.catalogue import a_product, a_vendor_account
from tests.products.reviews import a_place, a_reviewer

DRAFT = QuestionDraft("How long is roll-out?", "We are small and have one summer.")
UNNAMED = replace(DRAFT, is_unnamed=True)


@pytest.fixture
async def slug(db):
    await a_place(db)
    return await a_product(db, "Lantern Filter", vendor="NorthGate")


async def an_owner(db, slug, *, may_be_asked=True, **fields):
    """A member of a district of their own that runs the product."""
    owner = await a_reviewer(db, **fields)
    await commands.say_use(db, owner, slug, UseDraft(2020))
    await owners.say_contact(db, owner, slug, may_be_asked=may_be_asked)
    return owner


async def waits(db, who):
    return (await owner_queries.desk(db, who)).waiting


async def asked(db, owner):
    """The id of what waits for an owner."""
    return (await waits(db, owner))[0].asked_id


async def page_of(db, actor, slug):
    return await owner_queries.owners(db, actor, (await queries.product(db, actor, slug)).id)


async def test_a_question_is_a_thread_and_waits_for_those_who_may_be_asked(db, slug):
    ann, ben = await a_reviewer(db, name="Ann Lee"), await an_owner(db, slug)
    for silent in (await an_owner(db, slug, may_be_asked=False), await a_reviewer(db)):
        assert await waits(db, silent) == []

    path = await owners.ask(db, ann, slug, DRAFT)

    thread = await threads.thread(db, ben, int(path.split("/")[2]))
    assert (thread.kind, thread.title, thread.author_name) == ("question", DRAFT.title, "Ann Lee")
    assert [(each.title, each.author_name, each.is_unnamed) for each in await waits(db, ben)] == [
        (DRAFT.title, "Ann Lee", False)
    ]
    assert await value(db, "SELECT count(*) FROM owner_asked") == 1
    assert [each.title for each in (await page_of(db, ann, slug)).questions] == [DRAFT.title]


async def test_only_who_runs_it_may_be_asked_about_it(db, slug):
    lonely = await a_reviewer(db)

    with pytest.raises(Forbidden) as refusal:
        await owners.say_contact(db, lonely, slug, may_be_asked=True)
    assert refusal.value.reason == "Say first that your district runs it: its owners are asked."
    ben = await an_owner(db, slug)
    for _ in range(2):
        await owners.say_contact(db, ben, slug, may_be_asked=True)
    assert ((await page_of(db, lonely, slug)).contacts, (await page_of(db, ben, slug)).is_contact) == (1, True)
    await commands.say_use(db, ben, slug, UseDraft(2020, 2024))
    assert (await page_of(db, lonely, slug)).contacts == 0
    for _ in range(2):
        await owners.say_contact(db, ben, slug, may_be_asked=False)
    assert await value(db, "SELECT count(*) FROM owner_contact") == 0


async def test_neither_colleagues_nor_more_than_twenty_are_asked_those_who_said_it_last_first(db, slug):
    ann = await an_owner(db, slug)
    district = await value(db, "SELECT m.district_id FROM member m WHERE m.id = :id", id=ann.id)
    await an_owner(db, slug, district_id=district)
    first, *_ = [await an_owner(db, slug) for _ in range(MOST_ASKED + 1)]
    await run(db, "UPDATE product_use SET said_at = now() - interval '9 days' WHERE said_by = :id", id=first.id)

    await owners.ask(db, ann, slug, DRAFT)

    assert await value(db, "SELECT count(*) FROM owner_asked") == MOST_ASKED
    assert (await waits(db, first), await waits(db, ann)) == ([], [])


async def test_who_may_not_read_the_thread_is_not_asked(db, slug):
    ann, ben = await a_reviewer(db), await an_owner(db, slug)
    await run(db, "UPDATE category SET read_by = 'staff' WHERE slug = 'reviews'")

    await owners.ask(db, replace(await an_admin(db), id=(await a_reviewer(db, role="admin")).id), slug, DRAFT)

    assert (await waits(db, ben), await value(db, "SELECT count(*) FROM owner_asked")) == ([], 0)
    with pytest.raises(Forbidden):
        await owners.ask(db, ann, slug, DRAFT)


async def test_without_a_name_nothing_tells_who_asked_until_both_agree(db, slug):
    ann, ben = await a_reviewer(db, name="Ann Lee"), await an_owner(db, slug, name="Ben Cho")
    path = await owners.ask(db, ann, slug, UNNAMED)

    thread = await threads.thread(db, ben, int(path.split("/")[2]))
    assert (thread.author_name, thread.author_handle) == ("A district", "")
    assert [each.author_name for each in await waits(db, ben)] == ["A district"]
    asked_id = await asked(db, ben)
    for _ in range(2):
        await owners.offer(db, ben, asked_id)
    offers = (await owner_queries.desk(db, ann)).offers
    assert [(each.words, each.title) for each in offers] == [("A district", DRAFT.title)]
    assert ((await owner_queries.desk(db, ann)).exchanged, (await owner_queries.desk(db, ben)).exchanged) == ([], [])

    for accepts in (True, True, False):
        await owners.decide(db, ann, asked_id, accepts=accepts)

    assert [(each.name, each.is_asker) for each in (await owner_queries.desk(db, ann)).exchanged] == [("Ben Cho", True)]
    assert [(each.name, each.is_asker) for each in (await owner_queries.desk(db, ben)).exchanged] == [
        ("Ann Lee", False)
    ]
    assert await value(db, "SELECT count(*) FROM post") == 1


async def test_either_side_may_say_no(db, slug):
    ann, ben, cho = await a_reviewer(db), await an_owner(db, slug), await an_owner(db, slug)
    await owners.ask(db, ann, slug, UNNAMED)
    bens, chos = await asked(db, ben), await asked(db, cho)
    for who, asked_id in ((ben, bens), (cho, chos)):
        await owners.offer(db, who, asked_id)

    await owners.decide(db, ann, bens, accepts=False)
    await owners.close(db, cho, chos, is_answered=False)

    assert (await owner_queries.desk(db, ann)).offers == []
    with pytest.raises(NotFound):
        await owners.decide(db, ann, chos, accepts=True)
    await owners.decide(db, ann, bens, accepts=True)
    assert (await owner_queries.desk(db, ann)).exchanged == []


async def test_an_answer_leaves_the_offer_and_nothing_waits_any_more(db, slug):
    ann, ben = await a_reviewer(db), await an_owner(db, slug)
    await owners.ask(db, ann, slug, UNNAMED)
    asked_id = await asked(db, ben)
    await owners.offer(db, ben, asked_id)

    for _ in range(2):
        await owners.close(db, ben, asked_id, is_answered=True)

    assert (await waits(db, ben), len((await owner_queries.desk(db, ann)).offers)) == ([], 1)


async def test_what_is_not_ones_own_is_not_there(db, slug):
    ann, ben, eve = await a_reviewer(db), await an_owner(db, slug), await a_reviewer(db)
    await owners.ask(db, ann, slug, DRAFT)
    asked_id = await asked(db, ben)

    for act in (
        owners.offer(db, eve, asked_id),
        owners.offer(db, ben, asked_id),  # asked under a name
        owners.close(db, eve, asked_id, is_answered=True),
        owners.decide(db, eve, asked_id, accepts=True),
        owners.decide(db, ben, asked_id, accepts=True),
    ):
        with pytest.raises(NotFound):
            await act


async def test_a_product_is_asked_about_once_a_week_and_the_same_question_is_one(db, slug):
    ann = await a_reviewer(db)
    await an_owner(db, slug)

    await asyncio.gather(*(owners.ask(db, ann, slug, DRAFT) for _ in range(4)))
    await owners.ask(db, ann, slug, DRAFT)

    counts = "SELECT (SELECT count(*) FROM thread) * 100 + (SELECT count(*) FROM owner_asked)"
    assert await value(db, counts) == 101
    with pytest.raises(Invalid) as refusal:
        await owners.ask(db, ann, slug, replace(DRAFT, title="Another question"))
    assert refusal.value.fields == {"form": owners.LATELY}
    await owners.ask(db, ann, await a_product(db), DRAFT)
    await run(db, "UPDATE owner_question SET created_at = created_at - interval '8 days'")
    await owners.ask(db, ann, slug, replace(DRAFT, title="Another question"))


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"title": "Short"}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"body": " "}, "body"),
        ({"body": "x" * 8001}, "body"),
    ],
)
async def test_what_will_not_do_is_said_in_one_sentence(db, slug, fields, field):
    with pytest.raises(Invalid) as refusal:
        await owners.ask(db, await a_reviewer(db), slug, replace(DRAFT, **fields))

    assert list(refusal.value.fields) == [field]


async def test_vendors_guests_and_who_has_no_district_hear_why_not(db, slug):
    vic, lonely = await a_vendor_account(db, vendor="NorthGate"), await a_member(db)

    for who in (vic, lonely):
        with pytest.raises(Forbidden):
            await owners.ask(db, who, slug, DRAFT)
    with pytest.raises(Forbidden):
        await owners.say_contact(db, vic, slug, may_be_asked=True)
    with pytest.raises(NotFound):
        await owners.ask(db, GUEST, slug, DRAFT)


async def test_words_that_stop_a_post_stop_a_question_and_nothing_is_left(db, slug):
    await watch(db, await an_admin(db), WordDraft("darn", "block", "Kinder, please.", "", ""))

    with pytest.raises(Invalid):
        await owners.ask(db, await a_reviewer(db), slug, replace(DRAFT, title="How darn slow is it?"))

    assert await value(db, "SELECT (SELECT count(*) FROM thread) + (SELECT count(*) FROM owner_question)") == 0


async def test_of_vendors_only_its_own_reads_the_question_and_none_where_they_are_kept_out(db, slug):
    north, beacon = await a_vendor_account(db, vendor="NorthGate"), await a_vendor_account(db, vendor="Beacon")
    for by, draft in ((await a_reviewer(db), DRAFT), (await a_reviewer(db), replace(DRAFT, keeps_vendors_out=True))):
        await owners.ask(db, by, slug, draft)

    found = await page_of(db, north, slug)

    assert (len(found.questions), found.contacts, found.is_contact) == (1, 0, False)
    thread_id = int(found.questions[0].thread_path.split("/")[2])
    with pytest.raises(NotFound):
        await threads.thread(db, beacon, thread_id)


async def test_contacts_and_questions_follow_products_that_become_one(db, slug):
    other, admin = await a_product(db, "Older Lantern", vendor="Elder"), await an_admin(db)
    ben = await an_owner(db, other)
    await commands.say_use(db, ben, slug, UseDraft(2020))
    await owners.say_contact(db, ben, slug, may_be_asked=True)
    await owners.ask(db, await a_reviewer(db), other, DRAFT)
    old = await queries.product(db, admin, other)

    await commands.merge(db, admin, old.id, slug, PRODUCT_MERGES)

    found = await page_of(db, admin, slug)
    assert (found.contacts, [each.title for each in found.questions]) == (1, [DRAFT.title])
    vendor_id = (await queries.product(db, admin, slug)).vendor_id
    assert await value(db, "SELECT t.vendor_id FROM thread t") == vendor_id


async def test_administrators_may_see_who_asked_and_it_is_logged(db, slug):
    ann, admin = await a_reviewer(db, name="Ann Lee"), await an_admin(db)
    await owners.ask(db, ann, slug, UNNAMED)
    question_id = await value(db, "SELECT q.id FROM owner_question q")

    assert (await owners.asker(db, admin, question_id)).name == "Ann Lee"

    assert await value(db, "SELECT count(*) FROM audit_entry e WHERE e.act = 'question.writer_read'") == 1
    with pytest.raises(Forbidden):
        await owners.asker(db, ann, question_id)
    with pytest.raises(NotFound):
        await owners.asker(db, admin, 0)


async def test_all_of_it_is_exported_handed_over_and_forgotten(db, slug):
    ann, ben, cho = await a_reviewer(db), await an_owner(db, slug), await a_reviewer(db)
    await owners.ask(db, ann, slug, UNNAMED)

    assert [row["title"] for row in (await account.export(db, ann))["asked_owners"]] == [DRAFT.title]
    found = await account.export(db, ben)
    assert (len(found["asked_as_owner"]), len(found["may_be_asked"])) == (1, 1)

    await account.hand_over(db, ben.id, cho.id)
    assert [each.title for each in await waits(db, cho)] == [DRAFT.title]
    await account.forget(db, cho.id, False)
    await account.forget(db, ann.id, True)
    counts = "SELECT (SELECT count(*) FROM owner_contact) + (SELECT count(*) FROM owner_asked)"
    assert await value(db, counts) == 0
    assert await value(db, "SELECT q.member_id FROM owner_question q") is None
    assert await value(db, "SELECT p.source || t.title FROM post p JOIN thread t ON t.id = p.thread_id") == (
        "Removed by its author.Removed by its author"
    )


async def test_each_page_counts_what_waits_without_asking_once_more(db, web, slug):
    ann, ben = await a_reviewer(db), await an_owner(db, slug)
    assert READER_SQL.count("owner_asked") == 2
    await owners.ask(db, ann, slug, UNNAMED)

    await sign_in_as(web, db, ben)
    count = 'href="/asked">Questions for you<span class="num">1</span>'
    assert count in (await web.get("/products")).text
    await owners.offer(db, ben, await asked(db, ben))
    assert count not in (await web.get("/products")).text
    await sign_in_as(web, db, ann)
    assert count in (await web.get("/products")).text


async def test_all_of_it_goes_through_the_pages(db, web, slug):
    ann, ben = await a_reviewer(db, name="Ann Lee"), await an_owner(db, slug, may_be_asked=False, name="Ben Cho")
    await sign_in_as(web, db, ben)
    assert "I may be asked about it" in (await web.get(f"/products/{slug}")).text
    assert (await web.post(f"/products/{slug}/contact", data={"may_be_asked": "yes"})).status_code == 303
    assert "Do not ask me anymore" in (await web.get(f"/products/{slug}")).text

    await sign_in_as(web, db, ann)
    form = f"/products/{slug}/ask"
    assert "1 person of districts that run it" in (await web.get(form)).text
    sent = {"title": DRAFT.title, "body": DRAFT.body, "show_as": "size"}
    wrong = await web.post(form, data=sent | {"title": "Short"})
    assert (wrong.status_code, "10 to 200 characters" in wrong.text, DRAFT.body in wrong.text) == (422, True, True)
    assert (await web.post(form, data=sent)).status_code == 303

    await sign_in_as(web, db, ben)
    page = (await web.get("/asked")).text
    assert ("Offer to talk" in page, "Ann Lee" in page) == (True, False)
    asked_id = await asked(db, ben)
    assert (await web.post(f"/asked/{asked_id}", data={"act": "offer"})).status_code == 303
    assert "They have not decided yet" in (await web.get("/asked")).text

    await sign_in_as(web, db, ann)
    page = (await web.get("/asked")).text
    assert ("Somebody would talk with you" in page, "Ben Cho" in page) == (True, False)
    assert (await web.post(f"/asked/{asked_id}/offer", data={"act": "accept"})).status_code == 303
    assert "Ben Cho" in (await web.get("/asked")).text

    await sign_in_as(web, db, await an_admin(db))
    question_id = await value(db, "SELECT q.id FROM owner_question q")
    assert "Who asked? (logged)" in (await web.get(f"/products/{slug}")).text
    assert "Ann Lee" in (await web.post(f"/asked/questions/{question_id}/writer")).text
