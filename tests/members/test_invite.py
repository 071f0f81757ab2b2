"""Inviting, and who may join by the domain of their address."""

import asyncio

import pytest

from forum.districts.commands import add_district
from forum.kit.db import run, value
from forum.kit.errors import Forbidden, Invalid
from forum.members import jobs, joining, queries, sign_in
from forum.members.types import GUEST, JoinDraft
from forum.members.unclaimed import Stranger, add_unclaimed
from tests.factories import a_member, an_admin
from tests.members.links import link_in, token_in

ADA = "ada@district.example"
DRAFT = JoinDraft("Ada Byron", "Director of technology")


async def test_an_invitation_is_mailed_and_makes_a_member(db, drain, tools):
    admin, pine = await an_admin(db), await add_district(db, "Pine County", domains=["district.example"])

    await joining.invite(db, admin, f" {ADA.upper()}", None)
    await drain()

    mail = tools.mailer.sent[0]
    assert (mail.to, mail.subject) == (ADA, f"{admin.name} invites you to Staffroom")
    assert "where technology staff of school districts ask and answer each other's questions." in mail.text
    assert link_in(mail).startswith("/join/")
    await joining.accept_link(db, token_in(mail), DRAFT)
    assert (await queries.person(db, "ada.byron")).district_name == "Pine County"
    assert await queries.invitations(db) == []
    assert pine


async def test_the_chosen_district_counts_before_the_domain(db, drain, tools):
    admin = await an_admin(db)
    await add_district(db, "Pine County", domains=["district.example"])

    await joining.invite(db, admin, ADA, await add_district(db, "Oak County"))
    await drain()
    await joining.accept_link(db, token_in(tools.mailer.sent[0]), DRAFT)

    assert (await queries.person(db, "ada.byron")).district_name == "Oak County"


async def test_an_invitation_lasts_fourteen_days(db, drain):
    await joining.invite(db, await an_admin(db), ADA, None)
    await drain()

    days = await value(db, "SELECT extract(epoch FROM expires_at - now()) / 86400 FROM mailed_link")

    assert 13.9 < days <= 14


async def test_inviting_twice_mails_again_and_either_link_makes_one_member(db, drain, tools):
    admin = await an_admin(db)
    for _ in range(2):
        await joining.invite(db, admin, ADA, None)
        await drain()

    old, new = (token_in(mail) for mail in tools.mailer.sent)

    assert len(await queries.invitations(db)) == 1
    assert await joining.accept_link(db, old, DRAFT)
    with pytest.raises(Invalid):
        await joining.accept_link(db, new, DRAFT)


async def test_who_is_known_from_old_mails_is_mailed_a_link_to_sign_in(db, drain, tools):
    members = await add_unclaimed(db, [Stranger("k", "Ada Byron", ADA)])

    await joining.invite(db, await an_admin(db), ADA, None)
    await drain()

    assert [mail.subject for mail in tools.mailer.sent] == ["Your link to Staffroom"]
    await sign_in.use_link(db, token_in(tools.mailer.sent[0]), "")
    assert await queries.actor(db, members["k"])
    assert await queries.invitations(db) == []


async def test_inviting_at_the_same_moment_is_one_invitation(db):
    admins = [await an_admin(db) for _ in range(4)]

    await asyncio.gather(*(joining.invite(db, admin, ADA, None) for admin in admins))

    assert len(await queries.invitations(db)) == 1


async def test_who_may_not_invite_and_whom(db):
    admin, member = await an_admin(db), await a_member(db, address=ADA)
    moderator = await a_member(db)
    refusals = [
        (GUEST, "x@district.example", None, Forbidden),
        (member, "x@district.example", None, Forbidden),
        (moderator, "x@district.example", None, Forbidden),
        (admin, ADA, None, Invalid),
        (admin, "nonsense", None, Invalid),
        (admin, "x@district.example", 2**60, Invalid),
    ]
    for actor, address, district_id, refusal in refusals:
        with pytest.raises(refusal):
            await joining.invite(db, actor, address, district_id)

    assert await queries.invitations(db) == []


async def test_an_invitation_that_rolled_back_is_not_mailed(db, drain, tools):
    admin = await an_admin(db)

    async def invite_and_fail():
        async with db.transaction():
            await joining.invite(db, admin, ADA, None)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await invite_and_fail()
    await drain()

    assert (await queries.invitations(db), tools.mailer.sent) == ([], [])


async def test_an_invited_person_who_asks_for_a_link_gets_the_invitation_again(db, drain, tools):
    await joining.invite(db, await an_admin(db), ADA, None)
    await drain()

    await sign_in.request_link(db, ADA)
    await drain()

    assert "invites you" in tools.mailer.sent[1].subject
    assert await joining.accept_link(db, token_in(tools.mailer.sent[1]), DRAFT)


async def test_an_invitation_that_is_over_is_not_renewed_by_asking_for_a_link(db, drain, tools):
    await joining.invite(db, await an_admin(db), ADA, None)
    await run(db, "UPDATE invitation SET created_at = now() - interval '15 days'")
    await run(db, "DELETE FROM pgqueuer")

    await sign_in.request_link(db, ADA)
    await drain()

    assert [mail.subject for mail in tools.mailer.sent] == ["Joining Staffroom"]
    assert await queries.invitations(db) == []


async def test_inviting_again_begins_the_fourteen_days_anew(db):
    admin = await an_admin(db)
    await joining.invite(db, admin, ADA, None)
    await run(db, "UPDATE invitation SET created_at = now() - interval '15 days'")

    await joining.invite(db, admin, ADA, None)

    assert len(await queries.invitations(db)) == 1


async def test_an_accepted_invitation_is_not_mailed_again(db, drain, tools):
    await joining.invite(db, await an_admin(db), ADA, None)
    invitation_id = await value(db, "SELECT id FROM invitation")
    await joining.accept_link(db, await sign_in.issue_link(db, "join", ADA, hours=1), DRAFT)

    await jobs.mail_invitation(tools, invitation_id)
    await jobs.mail_invitation(tools, 2**60)

    assert tools.mailer.sent == []


async def test_somebody_of_an_approved_domain_is_mailed_a_link_to_join(db, drain, tools):
    await add_district(db, "Pine County", domains=["district.example"])

    await sign_in.request_link(db, "ada@k12.district.example")
    await drain()

    mail = tools.mailer.sent[0]
    assert mail.subject == "Join Staffroom"
    member_id = await joining.accept_link(db, token_in(mail), DRAFT)
    assert (await queries.person(db, "ada.byron")).district_name == "Pine County"
    assert await queries.member_of_address(db, "ada@k12.district.example") == member_id


@pytest.mark.parametrize("domain", ["evil-district.example", "district.example.evil", "istrict.example"])
async def test_a_domain_that_only_looks_alike_gets_no_link_to_join(db, drain, tools, domain):
    await add_district(db, "Pine County", domains=["district.example"])

    await sign_in.request_link(db, f"eve@{domain}")
    await drain()

    assert [link_in(mail) for mail in tools.mailer.sent] == ["/join"]
    assert await value(db, "SELECT count(*) FROM mailed_link") == 0
