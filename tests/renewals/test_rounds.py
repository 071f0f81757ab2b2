"""Review rounds: a district asks those who use a product before notice is due."""

import asyncio
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from forum.kit.db import run, value
from forum.kit.errors import Forbidden, Invalid, NotFound, Stale
from forum.products import commands as products
from forum.products.types import UseDraft
from forum.renewals import queries, round_queries, rounds, tending
from forum.renewals.round_types import AnswerDraft, DecisionDraft
from forum.threads import queries as threads
from tests.factories import a_member, an_admin, sign_in_as
from tests.products.catalogue import a_product
from tests.products.reviews import a_place, a_reviewer
from tests.renewals.contracts import a_contract, a_keeper

ZONE = "America/Chicago"
TODAY = datetime.now(ZoneInfo(ZONE)).date()
YES = AnswerDraft("yes", 4, "Runs by itself.", "Reports.", "Beacon", "Ask for two years.")


@pytest.fixture
async def keeper(db):
    await a_place(db)
    return await a_keeper(db)


async def a_round(db, keeper, *, days=60, is_unnamed=False, **fields) -> int:
    """A round about a contract whose notice is due in so many days; returns its id."""
    contract_id = await a_contract(db, keeper, ends_on=TODAY + timedelta(days=days + 90), **fields)
    return await rounds.open_now(db, keeper, contract_id, is_unnamed=is_unnamed, time_zone=ZONE)


async def a_user(db, **fields):
    """A member of another district that runs the product."""
    member = await a_reviewer(db, **fields)
    await products.say_use(db, member, await value(db, "SELECT pr.slug FROM product pr"), UseDraft(2020))
    return member


async def test_those_who_use_it_are_asked_and_a_thread_begins_that_keeps_vendors_out(db, keeper):
    await a_product(db, "Lantern")
    ann, bob = await a_user(db), await a_reviewer(db)

    found = await round_queries.review_round(db, ann, await a_round(db, keeper))

    thread = await threads.thread(db, ann, found.thread_id)
    assert (thread.title, thread.author_name) == ("Lantern is up for renewal: opinions?", "Pine County")
    assert (thread.keeps_vendors_out, found.asker, found.waits_for_me) == (True, "Pine County", True)
    assert [each.waits_for_me for each in await round_queries.rounds(db, bob)] == [False]
    assert [each.waits_for_me for each in await round_queries.rounds(db, keeper)] == [False]
    with pytest.raises(NotFound):
        await round_queries.review_round(db, await a_member(db, role="vendor"), found.id)


async def test_opening_twice_or_at_the_same_moment_is_one_round(db, keeper):
    contract_id = await a_contract(db, keeper)
    ids = await asyncio.gather(
        *(rounds.open_now(db, keeper, contract_id, is_unnamed=False, time_zone=ZONE) for _ in range(5))
    )

    assert len(set(ids)) == 1
    assert await value(db, "SELECT count(*) FROM thread") == 1


async def test_a_district_that_is_not_named_is_nowhere_but_with_its_own_people(db, keeper):
    round_id = await a_round(db, keeper, is_unnamed=True)
    ann = await a_reviewer(db)

    theirs, ours = [await round_queries.review_round(db, each, round_id) for each in (ann, keeper)]
    post = await threads.post_numbered(db, ann, theirs.thread_id, 1)
    assert (theirs.asker, ours.asker) == ("A district", "Pine County")
    assert ("Pine" in post.source, "Pine" in post.author_name) == (False, False)


async def test_nobody_opens_a_round_of_another_district_or_after_the_day(db, keeper):
    contract_id = await a_contract(db, keeper, ends_on=TODAY + timedelta(days=60))
    with pytest.raises(Invalid):
        await rounds.open_now(db, keeper, contract_id, is_unnamed=False, time_zone=ZONE)
    with pytest.raises(NotFound):
        await rounds.open_now(db, await a_keeper(db, "Oak"), contract_id, is_unnamed=False, time_zone=ZONE)
    assert await value(db, "SELECT count(*) FROM review_round") == 0


async def test_members_answer_once_and_may_change_it(db, keeper):
    round_id = await a_round(db, keeper)
    ann = await a_reviewer(db, name="Ann Lee")
    await asyncio.gather(*(rounds.answer(db, ann, round_id, YES) for _ in range(5)))

    assert [each.author_name for each in await round_queries.answers(db, ann, round_id)] == ["Ann Lee"]
    with pytest.raises(Invalid):
        await rounds.answer(db, ann, round_id, AnswerDraft("no"))
    await rounds.answer(db, ann, round_id, AnswerDraft("no", version=1, is_unnamed=True))
    assert [each.author_name for each in await round_queries.answers(db, ann, round_id)] == ["A district"]
    with pytest.raises(Stale):
        await rounds.answer(db, ann, round_id, AnswerDraft("yes", version=1))
    assert (await round_queries.tally(db, round_id)).words == (
        "1 answer from 1 district: 0 would renew, 0 only if, 1 would not."
    )


async def test_who_does_not_answer(db, keeper):
    round_id = await a_round(db, keeper)
    for actor, error in (
        (keeper, Forbidden),
        (await a_member(db), Forbidden),
        (await a_member(db, role="vendor"), NotFound),
    ):
        with pytest.raises(error):
            await rounds.answer(db, actor, round_id, YES)
    with pytest.raises(Invalid):
        await rounds.answer(db, await a_reviewer(db), round_id, AnswerDraft("perhaps"))


async def test_it_opens_by_itself_45_days_before_notice_under_the_name_its_contract_says(db, keeper):
    for days, visibility in ((44, "members"), (45, "staff"), (47, "members"), (10, "us")):
        await a_contract(db, keeper, ends_on=TODAY + timedelta(days=days + 90), visibility=visibility)

    assert [await tending.open_due(db, ZONE), await tending.open_due(db, ZONE)] in ([2, 0], [1, 1])
    unnamed = await value(db, "SELECT array_agg(o.is_unnamed ORDER BY o.closes_on) FROM review_round o")
    assert unnamed == [False, True]


async def test_a_plan_says_otherwise(db, keeper):
    contract_id = await a_contract(db, keeper, ends_on=TODAY + timedelta(days=100), visibility="staff")
    await rounds.choose_plan(db, keeper, contract_id, "nobody")
    assert await tending.open_due(db, ZONE) == 0
    await rounds.choose_plan(db, keeper, contract_id, "unnamed")
    contract = await queries.contract(db, keeper, contract_id)
    assert (await round_queries.plan(db, contract)).asks == "unnamed"
    assert await tending.open_due(db, ZONE) == 1
    with pytest.raises(Invalid):
        await rounds.choose_plan(db, keeper, contract_id, "everybody")
    with pytest.raises(NotFound):
        await rounds.choose_plan(db, await a_keeper(db, "Oak"), contract_id, "named")


async def test_a_round_without_a_name_is_not_told_by_the_contract_that_others_see(db, keeper):
    seen = await a_contract(db, keeper, visibility="members")
    for asking in (
        rounds.choose_plan(db, keeper, seen, "unnamed"),
        rounds.open_now(db, keeper, seen, is_unnamed=True, time_zone=ZONE),
    ):
        with pytest.raises(Invalid):
            await asking
    hidden = await a_contract(db, keeper, visibility="staff", ends_on=TODAY + timedelta(days=300))
    await rounds.open_now(db, keeper, hidden, is_unnamed=True, time_zone=ZONE)
    others = await queries.others_contracts(db, await an_admin(db), TODAY, after=(date.min, 0))
    assert [each.id for each in others] == [seen]


async def test_a_contract_corrected_while_its_round_runs_asks_nobody_again(db, keeper):
    contract_id = await a_contract(db, keeper, ends_on=TODAY + timedelta(days=120), visibility="members")
    assert await tending.open_due(db, ZONE) == 1
    await run(db, "UPDATE contract SET ends_on = ends_on + 1 WHERE id = :id", id=contract_id)

    assert await tending.open_due(db, ZONE) == 0
    assert await value(db, "SELECT count(*) FROM thread") == 1


async def test_who_has_not_answered_is_reminded_once(db, keeper):
    await a_product(db, "Lantern")
    ann, bob = await a_user(db), await a_user(db)
    round_id = await a_round(db, keeper, days=10)
    await run(db, "UPDATE round_asked SET asked_at = now() - interval '9 days'")
    await rounds.answer(db, bob, round_id, YES)

    assert [await tending.remind(db), await tending.remind(db)] == [1, 0]
    assert (await round_queries.review_round(db, ann, round_id)).was_reminded
    await rounds.put_away(db, ann, round_id)
    assert not (await round_queries.review_round(db, ann, round_id)).waits_for_me


async def test_it_closes_when_the_day_is_over_where_the_district_is_and_says_what_was_said(db, keeper):
    round_id = await a_round(db, keeper)
    ann = await a_reviewer(db)
    await rounds.answer(db, ann, round_id, YES)
    assert await tending.close_over(db, ZONE) == 0
    await run(db, "UPDATE review_round SET closes_on = current_date - 2")

    assert [await tending.close_over(db, ZONE), await tending.close_over(db, ZONE)] == [1, 0]

    found = await round_queries.review_round(db, ann, round_id)
    last = await threads.post_numbered(db, ann, found.thread_id, 3)
    assert ("1 would renew" in last.source, last.author_name) == (True, "The forum")
    with pytest.raises(Forbidden):
        await rounds.answer(db, await a_reviewer(db), round_id, YES)


async def test_the_day_of_a_round_ends_with_the_districts_own_midnight(db, keeper):
    await a_round(db, keeper)
    await run(db, "UPDATE review_round SET closes_on = current_date - 1")
    await run(db, "UPDATE district SET time_zone = 'Pacific/Kiritimati'")
    assert await tending.close_over(db, ZONE) == 1


async def test_the_district_records_what_it_chose_and_a_year_later_whether_it_was_right(db, keeper):
    await a_product(db, "Beacon")
    round_id, ann = await a_round(db, keeper), await a_reviewer(db)
    with pytest.raises(Forbidden):
        await rounds.decide(db, keeper, round_id, DecisionDraft("renewed"))
    with pytest.raises(Forbidden):
        await rounds.close_now(db, ann, round_id)
    for _ in range(2):
        await rounds.close(db, round_id)
    for draft, field in (
        (DecisionDraft("perhaps"), "decision"),
        (DecisionDraft("switched"), "chosen"),
        (DecisionDraft("switched", "Nothing like it"), "chosen"),
        (DecisionDraft("renewed", reason="x" * 2001), "reason"),
    ):
        with pytest.raises(Invalid) as refusal:
            await rounds.decide(db, keeper, round_id, draft)
        assert set(refusal.value.fields) == {field}
    with pytest.raises(Forbidden):
        await rounds.decide(db, ann, round_id, DecisionDraft("renewed"))
    with pytest.raises(Forbidden):
        await rounds.judge(db, keeper, round_id, "yes", "")

    await rounds.decide(db, keeper, round_id, DecisionDraft("switched", "beacon", "It is cheaper."))

    found = await round_queries.review_round(db, ann, round_id)
    assert (found.decision_words, found.reason, found.asks_again) == (
        "We switched to another product: Beacon",
        "It is cheaper.",
        False,
    )
    await run(db, "UPDATE review_round SET ask_again_at = now() - interval '1 day'")
    assert (await round_queries.review_round(db, keeper, round_id)).asks_again
    for was_right, lesson in (("maybe", ""), ("yes", "x" * 2001)):
        with pytest.raises(Invalid):
            await rounds.judge(db, keeper, round_id, was_right, lesson)
    await rounds.judge(db, keeper, round_id, "partly", "Count the training.")
    assert (await round_queries.review_round(db, ann, round_id)).right_words == "Partly"


async def test_rounds_of_a_product_that_becomes_part_of_another_are_the_others(db, keeper):
    from forum.wiring import PRODUCT_MERGES

    round_id = await a_round(db, keeper)
    await a_product(db, "Lantern Two")
    admin = await an_admin(db)
    old = await value(db, "SELECT pr.id FROM product pr WHERE pr.name = 'Lantern'")
    await products.merge(db, admin, old, "lantern-two", PRODUCT_MERGES)

    assert (await round_queries.review_round(db, admin, round_id)).product_name == "Lantern Two"


async def test_the_pages_open_answer_close_and_decide(db, web, keeper):
    await a_product(db, "Lantern")
    ann = await a_user(db)
    contract_id = await a_contract(db, keeper, visibility="staff")
    await sign_in_as(web, db, keeper)
    plan = f"/renewals/{contract_id}/round"
    assert "45 days before" in (await web.get(plan)).text
    assert (await web.post(plan, data={"asks": "unnamed", "act": "save"})).status_code == 303
    assert (await web.post(plan, data={"asks": "x", "act": "save"})).status_code == 422
    opened = await web.post(plan, data={"asks": "named", "act": "open"})
    path = opened.headers["location"].partition("?")[0]
    assert "You have asked" in (await web.get(plan)).text

    await sign_in_as(web, db, ann)
    assert "You are asked" in (await web.get("/")).text
    assert "They ask you" in (await web.get("/rounds")).text
    assert "Six" not in (await web.get(path)).text
    assert (await web.post(f"{path}/answer", data={"would_renew": ""})).status_code == 422
    sent = {"would_renew": "yes", "works": "Runs by itself.", "version": "0"}
    assert (await web.post(f"{path}/answer", data=sent)).status_code == 303
    assert (await web.post(f"{path}/answer", data=sent | {"version": "5"})).status_code == 409
    assert "Runs by itself." in (await web.get(path)).text
    assert "You are asked" not in (await web.get("/")).text
    assert (await web.post(f"{path}/put-away")).status_code == 303
    assert (await web.post(f"{path}/close")).status_code == 403

    await sign_in_as(web, db, keeper)
    assert (await web.post(f"{path}/close")).status_code == 303
    assert (await web.post(f"{path}/decision", data={"decision": ""})).status_code == 422
    assert (await web.post(f"{path}/decision", data={"decision": "renewed", "reason": "Fine."})).status_code == 303
    await run(db, "UPDATE review_round SET ask_again_at = now()")
    assert "A year later" in (await web.get(path)).text
    assert (await web.post(f"{path}/right", data={"was_right": "no?"})).status_code == 422
    assert (await web.post(f"{path}/right", data={"was_right": "yes", "lesson": "Good."})).status_code == 303
    assert "We renewed" in (await web.get("/rounds")).text
