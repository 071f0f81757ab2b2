"""Two accounts of one person become one."""

import asyncio
import re

import pytest

from forum.accounts.commands import ask_to_merge, merge, merge_by_link
from forum.accounts.types import MergeDraft
from forum.kit.db import rows, run, value
from forum.kit.errors import Forbidden, Invalid, NotFound
from forum.members.queries import mail_address
from forum.threads.queries import reading
from forum.votes.commands import vote
from forum.wiring import HOLDINGS
from tests.factories import a_member, a_reply, a_thread, an_admin, sign_in_as
from tests.threads.recount import assert_counts_are_right


def draft(source, into, reason="One person"):
    return MergeDraft(source.handle, into.handle, reason)


async def test_posts_marks_addresses_and_groups_are_the_other_accounts_then(db):
    old = await a_member(db, address="old@pine.example", groups=["circle"])
    new, ben, admin = await a_member(db, address="new@pine.example"), await a_member(db), await an_admin(db)
    thread = await a_thread(db, author=old, body="Words of old")
    answer = await a_reply(db, thread, author=ben)
    for actor in (old, new):
        await vote(db, actor, answer, is_helpful=True)
    own = await a_reply(db, thread, author=new)
    await vote(db, old, own, is_helpful=True)

    await merge(db, admin, draft(old, new), HOLDINGS)

    assert (await reading(db, ben, thread)).posts[0].author_id == new.id
    found = await rows(db, "SELECT address FROM member_email WHERE member_id = :id ORDER BY address", id=new.id)
    assert [row["address"] for row in found] == ["new@pine.example", "old@pine.example"]
    assert await value(db, "SELECT helpful_count FROM post WHERE id = :id", id=answer) == 1
    assert await value(db, "SELECT helpful_count FROM post WHERE id = :id", id=own) == 0
    assert await value(db, "SELECT count(*) FROM group_member WHERE member_id = :id", id=new.id) == 1
    assert await value(db, "SELECT merged_into FROM member WHERE id = :id", id=old.id) == new.id
    await assert_counts_are_right(db)


async def test_mail_goes_on_to_where_that_of_the_account_that_stays_went(db):
    old = await a_member(db, address="old@pine.example")
    new, admin = await a_member(db, address="new@pine.example"), await an_admin(db)

    await merge(db, admin, draft(old, new), HOLDINGS)

    assert await mail_address(db, new.id) == "new@pine.example"


async def test_a_role_does_not_come_along(db):
    old, new, admin = await an_admin(db), await a_member(db), await an_admin(db)

    await merge(db, admin, draft(old, new), HOLDINGS)

    assert await value(db, "SELECT role FROM member WHERE id = :id", id=new.id) == "member"


async def test_nobody_takes_another_account_by_its_handle(db):
    eve, victim = await a_member(db), await a_member(db)

    with pytest.raises(Forbidden):
        await merge(db, eve, draft(victim, eve), HOLDINGS)

    assert await value(db, "SELECT state FROM member WHERE id = :id", id=victim.id) == "active"


async def test_long_keys_of_forms_and_mails_come_along(db):
    old, new, admin = await a_member(db), await a_member(db), await an_admin(db)
    start = "m" * 250
    for place in (await a_thread(db), await a_thread(db, author=old)):
        await a_reply(db, place, author=old)
        await a_reply(db, place, author=old)
    await run(db, "UPDATE post SET client_key = :start || number WHERE author_id = :id", start=start, id=old.id)

    await merge(db, admin, draft(old, new), HOLDINGS)

    assert await value(db, "SELECT count(*) FROM post WHERE author_id = :id", id=new.id) == 5


async def test_silence_comes_along(db):
    old, new, admin = await a_member(db), await a_member(db), await an_admin(db)
    await run(db, "INSERT INTO silence (member_id, until) VALUES (:id, now() + interval '1 day')", id=old.id)

    await merge(db, admin, draft(old, new), HOLDINGS)

    assert await value(db, "SELECT count(*) FROM silence WHERE member_id = :id", id=new.id) == 1


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ("SELECT 1", Forbidden),  # by a member
        ("UPDATE member SET state = 'suspended' WHERE handle = 'old.one'", Forbidden),
        ("UPDATE member SET state = 'suspended' WHERE handle = 'new.one'", Forbidden),
        ("UPDATE member SET role = 'vendor' WHERE handle = 'old.one'", Forbidden),
        ("UPDATE member SET handle = 'gone' WHERE handle = 'old.one'", Invalid),
    ],
)
async def test_what_is_refused_changes_nothing(db, change, refusal):
    old, new = await a_member(db, name="Old One"), await a_member(db, name="New One")
    admin = await a_member(db) if change == "SELECT 1" else await an_admin(db)
    await run(db, change)

    with pytest.raises(refusal):
        await merge(db, admin, MergeDraft("old.one", "new.one", "One person"), HOLDINGS)
    assert await value(db, "SELECT count(*) FROM member WHERE state = 'deleted'") == 0
    assert await value(db, "SELECT member_id FROM member_email ORDER BY member_id LIMIT 1") == old.id
    assert old.id != new.id


async def test_the_last_administrator_does_not_vanish(db):
    admin, new = await an_admin(db), await a_member(db)

    with pytest.raises(Invalid):
        await merge(db, admin, draft(admin, new), HOLDINGS)


async def test_fifty_at_the_same_moment_both_ways_leave_one_account(db):
    one, two, admin = await a_member(db), await a_member(db), await an_admin(db)
    drafts = [draft(one, two), draft(two, one)] * 25

    done = await asyncio.gather(*(merge(db, admin, each, HOLDINGS) for each in drafts), return_exceptions=True)

    assert sum(each is None for each in done) == 1
    assert all(each is None or isinstance(each, Invalid | NotFound | Forbidden) for each in done)
    assert await value(db, "SELECT count(*) FROM member WHERE state = 'active' AND role = 'member'") == 1


async def test_whoever_owns_both_accounts_joins_them_by_a_mailed_link(db, web, tools, drain):
    old = await a_member(db, address="old@pine.example")
    new = await sign_in_as(web, db, await a_member(db))
    thread = await a_thread(db, author=old)

    asked = await web.post("/settings/account/merge", data={"address": "old@pine.example"})
    await drain()
    mail = tools.mailer.sent[-1]
    path = re.search(r"/merge/\S+", mail.text)[0]
    shown = await web.get(path)

    assert asked.headers["location"] == "/settings/account?notice=merge-asked"
    assert mail.to == "old@pine.example"
    assert f"@{old.handle}" in shown.text
    assert await value(db, "SELECT author_id FROM thread WHERE id = :id", id=thread) == old.id
    assert (await web.post(path)).status_code == 303
    assert await value(db, "SELECT author_id FROM thread WHERE id = :id", id=thread) == new.id
    assert (await web.post(path)).status_code == 404


async def test_a_link_is_of_no_use_to_anybody_else(db, web, tools, drain):
    await a_member(db, address="old@pine.example")
    await ask_to_merge(db, await a_member(db), "old@pine.example")
    await drain()
    path = re.search(r"/merge/(\S+)", tools.mailer.sent[-1].text)
    other = await sign_in_as(web, db, await a_member(db))

    assert (await web.get(path[0])).status_code == 404
    with pytest.raises(NotFound):
        await merge_by_link(db, other, path[1], HOLDINGS)


async def test_nobody_learns_whether_an_address_is_known(db, web, tools, drain):
    await sign_in_as(web, db, await a_member(db))

    known, unknown = [
        await web.post("/settings/account/merge", data={"address": address})
        for address in (
            "person@nowhere.example",
            (await a_member(db, address="known@pine.example")) and "known@pine.example",
        )
    ]

    assert (known.status_code, known.headers["location"]) == (unknown.status_code, unknown.headers["location"])


async def test_an_administrator_joins_them_on_a_page(db, web):
    old, new = await a_member(db), await a_member(db)
    await sign_in_as(web, db, await an_admin(db))

    form = {"from_handle": old.handle, "into_handle": new.handle, "reason": "One person"}
    wrong = await web.post("/admin/accounts/merge", data=form | {"reason": ""})
    done = await web.post("/admin/accounts/merge", data=form)

    assert wrong.status_code == 422
    assert done.headers["location"] == f"/people/{new.handle}?notice=accounts-merged"
    await sign_in_as(web, db, new)
    assert (await web.get("/admin/accounts/merge")).status_code == 404
