"""Making one-click links in earlier mails worthless: when a member asks for it, and when their mail goes elsewhere."""

import asyncio
import time
from dataclasses import replace

import pytest

from forum.following import commands as following
from forum.following import jobs, wishes
from forum.following.types import Target
from forum.identities import addresses
from forum.kit.db import run, value
from forum.kit.errors import Forbidden
from forum.members.types import GUEST
from tests.factories import a_member, sign_in_as
from tests.mail.test_click import BARE, link, wish

AGO = 60
SECOND = "second@x.example"


async def works(web, tools, member, *, ago=0) -> bool:
    """Whether a link does something that a mail holds which was made so many seconds ago."""
    path = await link(tools, member, made_at=int(time.time()) - ago)
    return (await web.get(path)).status_code == 200


async def an_owner(db):
    """A member who has just shown who they are, with a second address beside their first."""
    ann = await a_member(db)
    await run(
        db,
        "INSERT INTO member_email (address, member_id, verified_at) VALUES (:address, :id, now() + interval '1 s')",
        address=SECOND,
        id=ann.id,
    )
    return replace(ann, is_confirmed=True)


async def test_a_button_makes_links_in_earlier_mails_worthless_and_new_ones_work(db, web, tools):
    ann, bob = await sign_in_as(web, db, await a_member(db)), await a_member(db)
    assert await works(web, tools, ann, ago=AGO)
    assert "Turn off links in earlier emails" in (await web.get("/settings/following")).text

    answer = await web.post("/settings/following/links")

    assert "Links in earlier emails no longer work." in (await web.get(answer.headers["location"])).text
    assert not await works(web, tools, ann, ago=AGO)
    assert await works(web, tools, ann)
    assert await works(web, tools, bob, ago=AGO)
    assert (await web.post(await link(tools, ann, made_at=int(time.time()) - AGO), headers=BARE)).status_code == 404


async def test_it_keeps_what_they_wished_and_twice_or_at_the_same_moment_is_once(db):
    ann = await a_member(db)
    await wishes.stop_all(db, ann)

    await asyncio.gather(*(wishes.void_links(db, ann) for _ in range(5)))

    assert await wish(db, ann, "stops_all")
    assert await value(db, "SELECT count(*) FROM mail_wish") == 1


async def test_guests_have_no_links(db, web):
    with pytest.raises(Forbidden, match="Sign in"):
        await wishes.void_links(db, GUEST)
    assert (await web.post("/settings/following/links")).status_code == 403


async def test_when_it_fails_the_links_work_as_before(db, web, tools):
    ann = await a_member(db)

    async with db.transaction(force_rollback=True):
        await wishes.void_links(db, ann)

    assert await works(web, tools, ann, ago=AGO)


async def the_first(db) -> str:
    """The address to which the mail of `an_owner` goes."""
    return await value(db, "SELECT e.address FROM member_email e WHERE e.address <> :second", second=SECOND)


@pytest.mark.parametrize("act", ["choose another", "remove it"])
async def test_it_happens_when_mail_goes_elsewhere(db, web, tools, drain, act):
    ann = await an_owner(db)
    assert await works(web, tools, ann, ago=AGO)

    await (addresses.choose(db, ann, SECOND) if act == "choose another" else remove_the_first(db, ann))
    await drain()

    assert not await works(web, tools, ann, ago=AGO)
    assert await works(web, tools, ann)


async def remove_the_first(db, ann) -> None:
    await addresses.remove(db, ann, await the_first(db))


async def test_what_changes_no_mailbox_leaves_links_as_they_are(db, web, tools, drain):
    ann = await an_owner(db)

    await addresses.choose(db, ann, await the_first(db))
    await addresses.remove(db, ann, "nobody@x.example")
    await addresses.remove(db, ann, SECOND)
    await following.follow(db, ann, Target("everything"), "web")
    await drain()

    assert await works(web, tools, ann, ago=AGO)


async def test_the_job_may_come_late_and_twice(db, web, tools, drain):
    ann = await an_owner(db)
    await remove_the_first(db, ann)
    entry = await value(db, "SELECT e.id FROM audit_entry e WHERE e.act = 'address.removed'")
    await run(db, "UPDATE audit_entry SET created_at = now() - interval '1 hour' WHERE id = :id", id=entry)

    for _ in range(2):
        await jobs.void_links(tools, entry)

    assert not await works(web, tools, ann, ago=3700)
    assert await works(web, tools, ann, ago=AGO)  # of a mail that went to the new address before the job ran
