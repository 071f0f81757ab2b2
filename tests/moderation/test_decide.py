"""One queue: each thing is decided once, by those who may, with a word for its author and an entry in the log."""

import asyncio
from dataclasses import replace

import pytest

from forum.districts.commands import add_rule
from forum.kit import db as kit_db
from forum.kit.db import rows, run, value
from forum.kit.errors import Forbidden, Invalid, NotFound, Unconfirmed
from forum.members import joining
from forum.members.types import JoinDraft
from forum.moderation import flags, jobs, queries, queue
from forum.moderation.types import Card, Decision, Deed, Kind
from forum.moderation.undo import undo
from forum.threads import delete
from forum.wiring import tidy_queue
from tests.factories import a_category, a_member, a_reply, a_thread, post_id, sign_in_as
from tests.moderation.scenes import KINDS, NO, YES, a_held_thread, a_neighbour, an_admin, flag_it, item_id
from tests.threads.recount import assert_counts_are_right


async def a_flagged_post(db, drain, *, category=None, author=None, times=1):
    category = category or await a_category(db)
    post = await a_reply(db, await a_thread(db, category=category), author=author or await a_member(db))
    await flag_it(db, post, *[await a_neighbour(db) for _ in range(times)])
    await drain()
    return post


async def deleted_at(db, post):
    return await value(db, "SELECT deleted_at FROM post WHERE id = :id", id=post)


async def test_keeping_a_post_brings_back_what_flags_had_hidden(db, drain):
    post, admin = await a_flagged_post(db, drain, times=3), await an_admin(db)
    assert await deleted_at(db, post)

    decision = await queue.decide(db, admin, KINDS, await item_id(db), "approve", YES)

    assert await deleted_at(db, post) is None
    assert {row["outcome"] for row in await rows(db, "SELECT outcome FROM post_flag")} == {"kept"}
    assert await value(db, "SELECT act FROM audit_entry WHERE id = :id", id=decision.entry_id) == "flag.kept"
    assert await queries.waiting(db, admin) == []
    await assert_counts_are_right(db)


@pytest.mark.parametrize("times", [1, 3])
async def test_hiding_a_post_tells_its_author_why(db, tools, drain, times):
    ann = await a_member(db, address="ann@district.example")
    post, admin = await a_flagged_post(db, drain, times=times, author=ann), await an_admin(db)

    await queue.decide(db, admin, KINDS, await item_id(db), "reject", NO)

    assert await deleted_at(db, post)
    assert await value(db, "SELECT deleted_by FROM post WHERE id = :id", id=post) == admin.id
    await jobs.release_letters(tools)
    await drain()
    assert tools.mailer.sent == []  # it can still be undone
    await run(db, "UPDATE queue_item SET decided_at = decided_at - interval '1 minute'")
    await jobs.release_letters(tools)
    await jobs.release_letters(tools)
    await drain()
    (mail,) = tools.mailer.sent
    assert mail.to == "ann@district.example"
    assert "Please write it again." in mail.text
    await assert_counts_are_right(db)


async def test_nobody_is_told_no_without_a_reason(db, drain):
    await a_flagged_post(db, drain)

    with pytest.raises(Invalid):
        await queue.decide(db, await an_admin(db), KINDS, await item_id(db), "reject", YES)


async def test_fifty_decide_at_the_same_moment_and_one_does(db, drain):
    await a_held_thread(db)
    await drain()
    item, admins = await item_id(db), [await an_admin(db) for _ in range(10)]

    done = await asyncio.gather(
        *(queue.decide(db, admins[n % 10], KINDS, item, ("approve", "reject")[n % 2], NO) for n in range(50)),
        return_exceptions=True,
    )

    assert sum(not isinstance(each, BaseException) for each in done) == 1
    assert all(isinstance(each, Forbidden) for each in done if isinstance(each, BaseException))
    assert await value(db, "SELECT count(*) FROM audit_entry WHERE act LIKE 'hold.%'") == 1
    is_published = await value(db, "SELECT outcome FROM held_post") == "published"
    assert await value(db, "SELECT count(*) FROM thread") == is_published


async def test_what_somebody_has_taken_waits_for_them_fifteen_minutes(db, drain):
    await a_flagged_post(db, drain)
    item, ann, bob = await item_id(db), await an_admin(db), await an_admin(db)
    await queue.claim(db, ann, item)

    with pytest.raises(Forbidden) as refusal:
        await queue.decide(db, bob, KINDS, item, "approve", YES)
    assert ann.name in refusal.value.reason
    with pytest.raises(Forbidden):
        await queue.claim(db, bob, item)

    await run(db, "UPDATE queue_item SET claimed_at = now() - interval '16 minutes'")
    await queue.claim(db, bob, item)
    await queue.unclaim(db, bob, item)
    await queue.decide(db, ann, KINDS, item, "approve", YES)


async def test_fifty_take_it_at_the_same_moment_and_one_has_it(db, drain):
    await a_flagged_post(db, drain)
    item, admins = await item_id(db), [await an_admin(db) for _ in range(10)]

    done = await asyncio.gather(*(queue.claim(db, admins[n % 10], item) for n in range(50)), return_exceptions=True)

    assert sum(each is None for each in done) == 5  # the same person five times
    assert {type(each) for each in done} == {type(None), Forbidden}


async def test_a_moderator_is_an_ordinary_member_elsewhere(db, web, drain):
    own, other = await a_category(db), await a_category(db)
    post = await a_flagged_post(db, drain, category=other)
    item = await item_id(db)
    moderator = await sign_in_as(web, db, await a_member(db, moderates=[own]))

    assert await queries.waiting(db, moderator) == []
    assert await queries.counts(db, moderator) == {}
    assert await flags.cards(db, moderator, [post]) == []
    for act in (
        queries.item(db, moderator, item),
        queue.claim(db, moderator, item),
        queue.unclaim(db, moderator, item),
        queue.decide(db, moderator, KINDS, item, "approve", YES),
        flags.keep(db, moderator, post, YES),
        flags.uphold(db, moderator, post, NO),
    ):
        with pytest.raises(NotFound):
            await act
    for method, path in (("GET", ""), ("POST", ""), ("POST", "/claim")):
        answer = await web.request(
            method,
            f"/moderation/items/{item}{path}",
            data={"deed": "approve"} if method == "POST" and not path else {"claim": "yes"} if path else None,
        )
        assert answer.status_code == 404
    done = await web.post("/moderation", data={"deed": "approve", "item_ids": str(item)})
    assert done.status_code == 303
    assert await value(db, "SELECT decided_at FROM queue_item") is None


async def test_members_find_no_pages_of_moderation(db, web):
    await sign_in_as(web, db, await a_member(db))
    for path in ("", "/log", "/words", "/health", "/reasons", "/items/1", "/members/x"):
        assert (await web.get(f"/moderation{path}")).status_code == 404


async def test_without_a_second_factor_there_is_nothing_to_decide(db, web, drain):
    await a_flagged_post(db, drain)
    await sign_in_as(web, db, await an_admin(db), has_second_factor=False)

    assert (await web.get("/moderation")).headers["location"].startswith("/confirm")
    assert (await web.post("/moderation", data={"deed": "approve", "item_ids": "1"})).status_code == 403


async def test_a_moderator_does_not_judge_their_own_words_nor_see_who_flagged_them(db, web, drain):
    category = await a_category(db)
    moderator = await a_member(db, moderates=[category])
    await a_flagged_post(db, drain, category=category, author=moderator)
    other = await a_member(db, moderates=[category])

    assert await queries.waiting(db, moderator) == []
    assert len(await queries.waiting(db, other)) == 1
    await sign_in_as(web, db, moderator)
    assert (await web.get(f"/moderation/items/{await item_id(db)}")).status_code == 404


async def test_requests_to_join_wait_for_administrators_only(db, web, drain):
    category = await a_category(db)
    await joining.ask_to_join(db, JoinDraft("Zqx Newcomer", "CTO", "new@elsewhere.example", None, "Hello"))
    await drain()
    moderator = await sign_in_as(web, db, await a_member(db, moderates=[category]))
    assert await queries.waiting(db, moderator) == []
    assert "Zqx" not in (await web.get("/moderation")).text

    admin = await sign_in_as(web, db, await an_admin(db))
    assert "Zqx" in (await web.get("/moderation")).text
    await queue.decide(db, admin, KINDS, await item_id(db), "approve", YES)

    assert await value(db, "SELECT is_approved FROM join_request")
    assert await value(db, "SELECT entry_id FROM queue_item") is not None


async def test_of_hundreds_who_ask_to_join_each_has_a_card(db, drain):
    for number in range(203):
        await run(db, "INSERT INTO join_request (address, name) VALUES (:a, 'N')", a=f"n{number}@elsewhere.example")
    last = await value(db, "SELECT max(id) FROM join_request")

    assert [card.subject_id for card in await KINDS["join"].cards(db, await an_admin(db), [last])] == [last]


async def test_who_has_a_vendors_mail_domain_is_let_in_as_a_vendor(db, drain):
    await add_rule(db, "vendor", "tools.example")
    await joining.ask_to_join(db, JoinDraft("Vera Dorn", "Sales", "vera@mail.tools.example", None, "Hello"))
    await drain()
    admin = replace(await an_admin(db), is_confirmed=True)
    card = (await KINDS["join"].cards(db, admin, [await value(db, "SELECT max(id) FROM join_request")]))[0]
    assert "a vendor's email domain" in " ".join(card.lines)

    await queue.decide(db, admin, KINDS, await item_id(db), "approve", YES)

    assert await value(db, "SELECT role FROM member WHERE name = 'Vera Dorn'") == "vendor"


async def test_what_was_typed_for_many_at_once_comes_back_with_a_refusal(db, web, drain):
    category = await a_category(db)
    post = await a_reply(db, await a_thread(db, category=category))
    await flag_it(db, post)
    await drain()
    await sign_in_as(web, db, await a_member(db, moderates=[category]))
    rude = await value(db, "INSERT INTO reason_template (name, letter) VALUES ('Zqx', 'Again') RETURNING id")

    none = await web.post("/moderation", data={"deed": "reject", "reason_id": rude, "note": "Zqx words"})
    some = await web.post("/moderation", data={"deed": "reject", "item_ids": await item_id(db), "note": ""})

    assert none.status_code == some.status_code == 422
    assert 'value="Zqx words"' in none.text
    assert f'<option value="{rude}" selected>' in none.text
    assert f'value="{await item_id(db)}" checked' in some.text


async def test_letting_somebody_in_wants_a_fresh_confirmation(db, drain):
    await joining.ask_to_join(db, JoinDraft("New Comer", "CTO", "new@elsewhere.example", None, "Hello"))
    await drain()

    with pytest.raises(Unconfirmed):
        await queue.decide(db, await an_admin(db), KINDS, await item_id(db), "approve", YES)


async def test_what_is_solved_elsewhere_leaves_the_queue(db, tools, drain):
    admin = await an_admin(db)
    await joining.ask_to_join(db, JoinDraft("New Comer", "CTO", "new@elsewhere.example", None, "Hello"))
    await drain()
    await joining.decide(db, admin, await value(db, "SELECT id FROM join_request"), is_approved=True)
    await drain()
    assert await value(db, "SELECT verdict FROM queue_item") == "solved elsewhere"

    post = await a_flagged_post(db, drain)
    await run(db, "UPDATE post_flag SET outcome = 'solved' WHERE post_id = :id", id=post)
    await tidy_queue(tools)
    assert await queries.counts(db, admin) == {}


async def test_what_moves_to_another_category_waits_for_its_moderators(db, tools, drain):
    here, there = await a_category(db), await a_category(db)
    post = await a_flagged_post(db, drain, category=here)
    old, new = await a_member(db, moderates=[here]), await a_member(db, moderates=[there])
    await run(db, "UPDATE thread SET category_id = (SELECT id FROM category WHERE slug = :slug)", slug=there)

    assert await flags.cards(db, old, [post]) == []  # at once
    await tidy_queue(tools)

    assert await queries.counts(db, old) == {}
    assert await queries.counts(db, new) == {"flag": 1}


async def test_a_post_flagged_again_after_a_decision_waits_again(db, drain):
    post, admin = await a_flagged_post(db, drain), await an_admin(db)
    await queue.decide(db, admin, KINDS, await item_id(db), "approve", YES)

    await flag_it(db, post)
    await drain()

    assert len(await queries.waiting(db, admin)) == 1


@pytest.mark.parametrize(("deed", "times"), [("approve", 1), ("approve", 3), ("reject", 1), ("reject", 3)])
async def test_undo_brings_the_item_back_as_it_was(db, tools, drain, deed, times):
    post, admin = await a_flagged_post(db, drain, times=times), await an_admin(db)
    was_hidden = await deleted_at(db, post) is not None
    decision = await queue.decide(db, admin, KINDS, await item_id(db), deed, NO)

    await undo(db, admin, decision.entry_id)

    assert (await deleted_at(db, post) is not None) == was_hidden
    assert {row["outcome"] for row in await rows(db, "SELECT outcome FROM post_flag")} == {""}
    assert len(await queries.waiting(db, admin)) == 1
    await run(db, "UPDATE queue_item SET decided_at = now() - interval '1 hour' WHERE decided_at IS NOT NULL")
    await jobs.release_letters(tools)
    await drain()
    assert tools.mailer.sent == []
    await assert_counts_are_right(db)


async def test_undo_lets_a_refused_post_wait_again(db, drain):
    admin = await an_admin(db)
    await a_held_thread(db)
    await drain()
    decision = await queue.decide(db, admin, KINDS, await item_id(db), "reject", NO)

    await undo(db, admin, decision.entry_id)
    await queue.decide(db, admin, KINDS, await item_id(db), "approve", YES)

    assert await value(db, "SELECT count(*) FROM thread") == 1


async def test_a_decision_that_fails_leaves_nothing_behind(db, drain, monkeypatch):
    post = await a_flagged_post(db, drain)

    async def broken(*_, **__):
        raise RuntimeError

    monkeypatch.setattr(flags, "_settle", broken)
    with pytest.raises(RuntimeError):
        await flags.uphold(db, await an_admin(db), post, NO)

    assert await deleted_at(db, post) is None
    assert await value(db, "SELECT count(*) FROM audit_entry WHERE act LIKE 'post.%'") == 0


async def test_many_are_decided_at_once_and_what_others_took_is_left(db, web, drain):
    posts = [await a_flagged_post(db, drain) for _ in range(3)]
    other = await an_admin(db)
    await sign_in_as(web, db, await an_admin(db))
    ids = [row["id"] for row in await rows(db, "SELECT id FROM queue_item ORDER BY id")]
    await queue.claim(db, other, ids[0])

    refused = await web.post("/moderation", data={"deed": "reject", "item_ids": ids})
    done = await web.post("/moderation", data={"deed": "reject", "item_ids": ids, "note": "Not here."})

    assert refused.status_code == 422
    assert done.headers["location"].endswith("some-decided")
    assert [bool(await deleted_at(db, post)) for post in posts] == [False, True, True]
    assert (await web.post("/moderation", data={"deed": "reject"})).status_code == 422
    assert (await web.post("/moderation", data={"deed": "burn", "item_ids": ids})).status_code == 422


async def test_a_card_is_decided_on_its_page(db, web, drain):
    await a_held_thread(db, title="A first question <b>bold</b>")
    await drain()
    await sign_in_as(web, db, await an_admin(db))
    item = await item_id(db)
    page = await web.get(f"/moderation/items/{item}")
    assert "A first question &lt;b&gt;bold" in page.text

    assert (await web.post(f"/moderation/items/{item}/claim", data={"claim": "yes"})).status_code == 303
    short = await web.post(f"/moderation/items/{item}", data={"deed": "approve", "title": "Short", "body": "Hi"})
    assert short.status_code == 422
    assert 'value="Short"' in short.text
    form = {"deed": "approve", "title": "A better title for it", "body": "Hi", "reason_id": "", "note": ""}
    assert (await web.post(f"/moderation/items/{item}", data=form)).status_code == 303
    assert await value(db, "SELECT title FROM thread") == "A better title for it"
    assert "published" in (await web.get(f"/moderation/items/{item}")).text


async def test_the_navigation_says_how_many_wait_for_this_reader(db, web, drain):
    category = await a_category(db)
    await a_flagged_post(db, drain, category=category)
    counted = '<span class="num">1</span>'
    for person, seen in (
        (await an_admin(db), True),
        (await a_member(db, moderates=[category]), True),
        (await a_member(db, moderates=[await a_category(db)]), False),
        (await a_member(db), False),
    ):
        await sign_in_as(web, db, person)
        nav = (await web.get("/help")).text.split("<h2>Categories</h2>")[0]
        assert (counted in nav) == seen


async def test_the_history_of_an_author_ends_at_the_moderators_categories(db, drain):
    own, other = await a_category(db), await a_category(db)
    moderator, admin, ann = await a_member(db, moderates=[own]), await an_admin(db), await a_member(db)
    for category in (own, other, other):
        await a_flagged_post(db, drain, category=category, author=ann)
        await queue.decide(db, admin, KINDS, await item_id(db), "reject", NO)
    await a_reply(db, await a_thread(db, category=other), author=ann)

    found = [(await queries.histories(db, person, [ann.id]))[ann.id] for person in (moderator, admin)]

    assert [(each.posts, each.hidden) for each in found] == [(0, 1), (1, 3)]


async def test_the_opening_post_is_hidden_with_its_thread_and_comes_back(db, drain):
    admin, thread = await an_admin(db), await a_thread(db)
    await flag_it(db, await post_id(db, thread), *[await a_neighbour(db) for _ in range(3)])
    await drain()

    await queue.decide(db, admin, KINDS, await item_id(db), "approve", YES)

    assert await value(db, "SELECT deleted_at FROM thread") is None
    await assert_counts_are_right(db)


async def test_what_its_author_deleted_may_still_be_decided(db, drain):
    ann, admin = await a_member(db), await an_admin(db)
    for deed in ("approve", "reject"):
        post = await a_flagged_post(db, drain, author=ann)
        await delete.delete(db, ann, post)
        await queue.decide(db, admin, KINDS, await item_id(db), deed, NO)
        assert await deleted_at(db, post)


async def test_one_more_kind_is_one_registration(db):
    async def cards(db, actor, ids):
        return [Card(subject_id=each, heading="Burst", text="", created_at=None) for each in ids]

    async def places(db, ids):
        return dict.fromkeys(ids)

    async def fine(db, actor, subject_id, ruling):
        return Decision(None, "fine")

    kinds = {"burst": Kind("burst", "Bursts", cards, places, {"approve": Deed("Fine", fine)})}
    await queue.put(db, "burst", 7, category_id=None, author_id=None)

    await queue.decide(db, await an_admin(db), kinds, await item_id(db), "approve", YES)

    assert await value(db, "SELECT verdict FROM queue_item") == "fine"


async def test_the_queue_asks_the_database_a_fixed_number_of_times(db, web, drain, monkeypatch):
    asked, bind = [], kit_db.bind
    monkeypatch.setattr(kit_db, "bind", lambda sql: asked.append(sql) or bind(sql))
    await sign_in_as(web, db, await an_admin(db))
    counts = []
    for _ in range(2):
        for _ in range(4):
            await a_flagged_post(db, drain, times=2)
            await a_held_thread(db)
        await drain()
        asked.clear()
        assert (await web.get("/moderation")).status_code == 200
        counts.append(len(asked))

    assert counts[0] == counts[1] <= 8
