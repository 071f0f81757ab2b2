"""Silence and suspension: who may, what happens, how it ends."""

import asyncio

import pytest

from forum.audit.queries import entries_about
from forum.kit.db import rows, run, value
from forum.kit.errors import Forbidden, Invalid, NotFound
from forum.members import queries, sanctions, sign_in
from forum.members.policy import may_sanction, may_silence, may_suspend
from forum.members.types import GUEST, Actor, Target
from forum.members.unclaimed import Stranger, add_unclaimed
from tests.factories import a_category, a_member, a_thread, an_admin, sign_in_as
from tests.members.links import token_in

WHY = "Three warnings were not enough."


async def category_id(db, slug) -> int:
    return await value(db, "SELECT c.id FROM category c WHERE c.slug = :slug", slug=slug)


async def acts(db, member_id) -> list[str]:
    return [entry.act for entry in reversed(await entries_about(db, "member", member_id))]


# Who may

ADMIN, MODERATOR, MEMBER = Actor(1, role="admin"), Actor(2, role="member", moderates=frozenset({7})), Actor(3)
ANN, BOSS = Target(9, "ann", "member", "active"), Target(8, "boss", "admin", "active")


@pytest.mark.parametrize(
    ("actor", "member", "where", "is_allowed"),
    [
        (ADMIN, ANN, None, True),
        (ADMIN, ANN, 7, True),
        (ADMIN, BOSS, None, True),
        (ADMIN, Target(1, "me", "admin", "active"), None, False),
        (MODERATOR, ANN, 7, True),
        (MODERATOR, ANN, 6, False),
        (MODERATOR, ANN, None, False),
        (MODERATOR, BOSS, 7, False),
        (MODERATOR, Target(2, "me", "member", "active"), 7, False),
        (MEMBER, ANN, 7, False),
        (MEMBER, ANN, None, False),
        (GUEST, ANN, 7, False),
        (GUEST, ANN, None, False),
        (Actor(4, role="vendor"), ANN, 7, False),
    ],
)
def test_who_may_silence_whom_where(actor, member, where, is_allowed):
    assert bool(may_silence(actor, member, where)) == is_allowed


@pytest.mark.parametrize(
    ("actor", "member", "is_allowed"),
    [
        (ADMIN, ANN, True),
        (ADMIN, BOSS, True),
        (ADMIN, Target(1, "me", "admin", "active"), False),
        (MODERATOR, ANN, False),
        (MEMBER, ANN, False),
        (GUEST, ANN, False),
    ],
)
def test_who_may_suspend_whom(actor, member, is_allowed):
    assert bool(may_suspend(actor, member)) == is_allowed


def test_a_refusal_says_why():
    assert may_silence(MODERATOR, ANN, 6).reason == "Only staff of that place decide who writes there."
    assert may_suspend(MODERATOR, ANN).reason == "Only administrators suspend members."
    assert may_sanction(MODERATOR, BOSS).reason == "Only administrators do that to an administrator."
    assert may_sanction(ADMIN, Target(1, "me", "admin", "active")).reason == "Nobody does that to themselves."


# Silence


async def test_a_silenced_member_only_reads_there_hears_why_and_the_act_is_kept(db, drain, tools):
    desk, hall = await a_category(db, name="Help desk"), await a_category(db)
    moderator, ann = await a_member(db, moderates=[desk]), await a_member(db)
    where = await category_id(db, desk)

    await sanctions.silence(db, moderator, ann.id, category_id=where, days=7, reason=f" {WHY} ")
    await drain()

    silenced = await queries.actor(db, ann.id)
    with pytest.raises(Forbidden):
        await a_thread(db, category=desk, author=silenced)
    assert await a_thread(db, category=hall, author=silenced)
    mail = tools.mailer.sent[0]
    assert mail.to == await queries.mail_address(db, ann.id)
    assert mail.subject == "You may only read in Help desk for now"
    assert WHY in mail.text
    entry = (await entries_about(db, "member", ann.id))[0]
    assert (entry.act, entry.actor_id, entry.category_id, entry.after, entry.reason) == (
        "member.silenced",
        moderator.id,
        where,
        {"days": 7},
        WHY,
    )


async def test_silenced_everywhere_is_everywhere(db):
    admin, ann = await an_admin(db), await a_member(db)
    await sanctions.silence(db, admin, ann.id, category_id=None, days=1, reason=WHY)

    with pytest.raises(Forbidden):
        await a_thread(db, author=await queries.actor(db, ann.id))


async def test_the_mail_names_no_category_that_is_not_open_to_all_members(db, drain, tools):
    secret = await a_category(db, name="Incident zqx", read_by="staff")
    admin, ann = await an_admin(db), await a_member(db)
    where = await category_id(db, secret)

    await sanctions.silence(db, admin, ann.id, category_id=where, days=1, reason=WHY)
    await drain()
    await sanctions.unsilence(db, admin, ann.id, category_id=where)
    await drain()

    assert len(tools.mailer.sent) == 2
    assert not any("zqx" in mail.subject + mail.text for mail in tools.mailer.sent)


async def test_silencing_again_replaces_the_first_and_at_the_same_moment_it_is_one(db):
    admin, ann = await an_admin(db), await a_member(db)

    await asyncio.gather(
        *(sanctions.silence(db, admin, ann.id, category_id=None, days=days, reason=WHY) for days in range(1, 7))
    )
    await sanctions.silence(db, admin, ann.id, category_id=None, days=30, reason="Longer.")

    found = await rows(db, "SELECT s.reason, extract(day FROM s.until - now()) AS days FROM silence s")
    assert [(row["reason"], int(row["days"])) for row in found] == [("Longer.", 29)]
    assert len(await acts(db, ann.id)) == 7


async def test_letting_somebody_write_again_is_told_and_kept_once(db, drain, tools):
    admin, ann = await an_admin(db), await a_member(db)
    await sanctions.silence(db, admin, ann.id, category_id=None, days=9, reason=WHY)
    await drain()
    tools.mailer.sent.clear()

    await asyncio.gather(*(sanctions.unsilence(db, admin, ann.id, category_id=None) for _ in range(4)))
    await drain()

    assert [mail.subject for mail in tools.mailer.sent] == ["You may write on Staffroom again"]
    assert await acts(db, ann.id) == ["member.silenced", "member.unsilenced"]
    assert await a_thread(db, author=await queries.actor(db, ann.id))


@pytest.mark.parametrize(
    ("days", "reason", "fields"),
    [(0, WHY, {"days"}), (366, WHY, {"days"}), (7, "  ", {"reason"}), (7, "x" * 501, {"reason"})],
)
async def test_a_sanction_that_will_not_do_is_refused_with_a_sentence(db, days, reason, fields):
    admin, ann = await an_admin(db), await a_member(db)

    for command in (
        sanctions.silence(db, admin, ann.id, category_id=None, days=days, reason=reason),
        sanctions.suspend(db, admin, ann.id, days=days, reason=reason),
    ):
        with pytest.raises(Invalid) as refusal:
            await command
        assert set(refusal.value.fields) == fields

    assert await acts(db, ann.id) == []


async def test_who_is_refused_changes_nothing(db):
    desk, hall = await a_category(db), await a_category(db)
    moderator, ann, admin = await a_member(db, moderates=[hall]), await a_member(db), await an_admin(db)
    where = await category_id(db, desk)
    commands = [
        (sanctions.silence(db, moderator, ann.id, category_id=where, days=1, reason=WHY), Forbidden),
        (sanctions.silence(db, ann, moderator.id, category_id=None, days=1, reason=WHY), Forbidden),
        (sanctions.unsilence(db, moderator, ann.id, category_id=where), Forbidden),
        (sanctions.suspend(db, moderator, ann.id, days=1, reason=WHY), Forbidden),
        (sanctions.unsuspend(db, moderator, ann.id), Forbidden),
        (sanctions.suspend(db, admin, admin.id, days=1, reason=WHY), Forbidden),
        (sanctions.silence(db, admin, ann.id, category_id=2**60, days=1, reason=WHY), NotFound),
        (sanctions.silence(db, admin, 2**60, category_id=None, days=1, reason=WHY), NotFound),
        (sanctions.suspend(db, admin, 2**60, days=1, reason=WHY), NotFound),
    ]

    for command, refusal in commands:
        with pytest.raises(refusal):
            await command

    assert await value(db, "SELECT count(*) FROM audit_entry e WHERE e.act LIKE 'member.%'") == 0
    assert await value(db, "SELECT count(*) FROM silence") == 0


async def test_a_sanction_that_rolled_back_is_none(db, drain, tools):
    admin, ann = await an_admin(db), await a_member(db)

    async def suspend_and_fail():
        async with db.transaction():
            await sanctions.suspend(db, admin, ann.id, days=1, reason=WHY)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await suspend_and_fail()
    await drain()

    assert (await acts(db, ann.id), tools.mailer.sent) == ([], [])
    assert await queries.actor(db, ann.id)


# Suspension


async def test_a_suspended_member_is_out_at_once_everywhere_and_hears_why(db, web, drain, tools):
    admin = await an_admin(db)
    ann = await sign_in_as(web, db, await a_member(db, address="ann@district.example"))
    old_link = await sign_in.issue_link(db, "sign-in", "ann@district.example", hours=1)

    await sanctions.suspend(db, admin, ann.id, days=3, reason=WHY)
    await drain()

    assert (await web.get("/settings")).status_code == 403
    with pytest.raises(NotFound):
        await sign_in.use_link(db, old_link, "")
    assert [(mail.to, mail.subject) for mail in tools.mailer.sent] == [
        ("ann@district.example", "Your account on Staffroom is suspended")
    ]
    assert WHY in tools.mailer.sent[0].text
    await sanctions.unsuspend(db, admin, ann.id)
    with pytest.raises(NotFound):
        await sign_in.use_link(db, old_link, "")


async def test_a_suspension_that_is_over_ends_when_its_owner_asks_for_a_link(db, drain, tools):
    admin, ann = await an_admin(db), await a_member(db, address="ann@district.example")
    await sanctions.suspend(db, admin, ann.id, days=3, reason=WHY)
    await drain()
    tools.mailer.sent.clear()
    await sign_in.request_link(db, "ann@district.example")
    await drain()
    assert [mail.subject for mail in tools.mailer.sent] == ["Your account on Staffroom is suspended"]
    await run(db, "UPDATE member SET suspended_until = now() - interval '1 second' WHERE id = :id", id=ann.id)

    await sign_in.request_link(db, "ann@district.example")
    await drain()

    link = next(mail for mail in tools.mailer.sent if mail.subject == "Your link to Staffroom")
    assert await sign_in.use_link(db, token_in(link), "")
    assert await acts(db, ann.id) == ["member.suspended", "member.unsuspended"]


async def test_what_is_over_is_lifted_by_the_schedule_and_the_rest_stays(db, drain, tools):
    admin = await an_admin(db)
    over, lasting, endless = [await a_member(db) for _ in range(3)]
    for member, days in ((over, 1), (lasting, 1), (endless, None)):
        await sanctions.suspend(db, admin, member.id, days=days, reason=WHY)
        await sanctions.silence(db, admin, member.id, category_id=None, days=1, reason=WHY)
    await run(db, "UPDATE member SET suspended_until = now() - interval '1 hour' WHERE id = :id", id=over.id)
    await run(db, "UPDATE silence SET until = now() - interval '1 hour' WHERE member_id = :id", id=over.id)

    await asyncio.gather(*(sanctions.lift_ended(db) for _ in range(3)))
    await drain()

    states = await rows(db, "SELECT m.id, m.state FROM member m WHERE m.role = 'member' ORDER BY m.id")
    assert [tuple(row.values()) for row in states] == [
        (over.id, "active"),
        (lasting.id, "suspended"),
        (endless.id, "suspended"),
    ]
    assert await value(db, "SELECT count(*) FROM silence") == 2
    entry = (await entries_about(db, "member", over.id))[0]
    assert (entry.act, entry.actor_id) == ("member.unsuspended", None)
    assert [mail.subject for mail in tools.mailer.sent].count("Your account on Staffroom is open again") == 1


@pytest.mark.parametrize("state", ["unclaimed", "deactivated"])
async def test_behind_a_suspension_a_member_is_what_they_were(db, state):
    admin = await an_admin(db)
    ann_id = (await add_unclaimed(db, [Stranger("k", "Ann", "ann@district.example")]))["k"]
    await run(db, "UPDATE member SET state = :state WHERE id = :id", state=state, id=ann_id)

    for _ in range(2):
        await sanctions.suspend(db, admin, ann_id, days=1, reason=WHY)
    await sanctions.unsuspend(db, admin, ann_id)

    assert await value(db, "SELECT m.state FROM member m WHERE m.id = :id", id=ann_id) == state


async def test_of_two_administrators_who_suspend_each_other_at_the_same_moment_one_stays(db):
    ann, bo = await an_admin(db), await an_admin(db)

    tries = await asyncio.gather(
        sanctions.suspend(db, ann, bo.id, days=None, reason=WHY),
        sanctions.suspend(db, bo, ann.id, days=None, reason=WHY),
        return_exceptions=True,
    )

    assert sorted(type(each).__name__ for each in tries) == ["Invalid", "NoneType"]
    assert await value(db, "SELECT count(*) FROM member WHERE role = 'admin' AND state = 'active'") == 1


# The pages


async def test_staff_see_a_panel_and_others_do_not(db, web):
    desk = await a_category(db, name="Help desk")
    ann, moderator, admin = await a_member(db), await a_member(db, moderates=[desk]), await an_admin(db)
    path = f"/people/{ann.handle}"

    await sign_in_as(web, db, await a_member(db))
    assert "For staff" not in (await web.get(path)).text
    await sign_in_as(web, db, moderator, has_second_factor=False)
    assert "For staff" not in (await web.get(path)).text
    await sign_in_as(web, db, moderator)
    page = (await web.get(path)).text
    assert "Help desk" in page
    assert f'action="{path}/silence"' in page
    assert "Everywhere" not in page
    assert f'action="{path}/suspend"' not in page
    await sign_in_as(web, db, admin)
    page = (await web.get(path)).text
    assert "Everywhere" in page
    assert f'action="{path}/suspend"' in page


async def test_a_moderator_does_not_learn_of_sanctions_elsewhere(db, web):
    desk, hall = await a_category(db), await a_category(db, name="Hall zqx")
    ann, moderator, admin = await a_member(db), await a_member(db, moderates=[desk]), await an_admin(db)
    where = await category_id(db, hall)
    await sanctions.silence(db, admin, ann.id, category_id=where, days=1, reason="canary")
    await sanctions.silence(db, admin, ann.id, category_id=None, days=1, reason="canary")

    await sign_in_as(web, db, moderator)
    page = (await web.get(f"/people/{ann.handle}")).text

    assert "canary" not in page


async def test_staff_decide_on_the_page_of_a_person(db, web):
    ann = await a_member(db)
    await sign_in_as(web, db, await an_admin(db))
    path = f"/people/{ann.handle}"
    silence = {"silence_category": "", "silence_days": "7", "silence_reason": WHY}

    answers = [
        await web.post(f"{path}/silence", data=silence),
        await web.post(f"{path}/unsilence", data={"silence_category": ""}),
        await web.post(f"{path}/suspend", data={"suspend_days": "", "suspend_reason": WHY}),
        await web.post(f"{path}/unsuspend"),
    ]

    assert [(each.status_code, each.headers["location"]) for each in answers] == [
        (303, f"{path}?notice=decided-about")
    ] * 4
    assert await acts(db, ann.id) == [
        "member.silenced",
        "member.unsilenced",
        "member.suspended",
        "member.unsuspended",
    ]


async def test_a_refused_form_comes_back_with_its_words(db, web):
    ann = await a_member(db)
    await sign_in_as(web, db, await an_admin(db))

    page = await web.post(
        f"/people/{ann.handle}/silence",
        data={"silence_category": "", "silence_days": "lots", "silence_reason": "Kept <b>"},
    )

    assert page.status_code == 422
    assert "Write a whole number here." in page.text
    assert "Kept &lt;b&gt;" in page.text


async def test_nobody_else_finds_the_forms_and_without_a_second_factor_they_are_refused(db, web):
    ann, desk = await a_member(db), await a_category(db)
    moderator = await a_member(db, moderates=[desk])
    for actor, has_key, expected in (
        (await a_member(db), True, {404}),
        (await a_member(db, role="vendor"), True, {404}),
        (moderator, False, {403, 404}),
    ):
        await sign_in_as(web, db, actor, has_second_factor=has_key)
        for verb in ("silence", "unsilence", "suspend", "unsuspend"):
            answer = await web.post(f"/people/{ann.handle}/{verb}", data={})
            assert answer.status_code in expected, (actor.role, verb)
    assert await acts(db, ann.id) == []


async def test_a_suspended_member_is_found_by_administrators_only(db, web):
    admin, ann, desk = await an_admin(db), await a_member(db), await a_category(db)
    await sanctions.suspend(db, admin, ann.id, days=1, reason=WHY)

    for actor, status in ((await a_member(db), 404), (await a_member(db, moderates=[desk]), 404), (admin, 200)):
        await sign_in_as(web, db, actor)
        assert (await web.get(f"/people/{ann.handle}")).status_code == status
