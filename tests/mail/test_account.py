"""What becomes of somebody's mails when they take them along, become one with another, or leave."""

import pytest

from forum.kit.db import rows, run, value
from forum.mail import account, suppressing
from forum.mail.jobs import forget_old
from forum.mail.queries import mail_made
from forum.mail.types import FOLDED
from tests.factories import a_member, a_thread, post_id
from tests.mail.digests.scenes import a_digest_reader, make_digests_now
from tests.mail.mails import a_mail, states


async def test_what_was_mailed_and_whom_nothing_is_mailed_to_is_exported(db):
    ann = await a_member(db, address="ann@x.example")
    await a_mail(db, ann)
    await a_mail(db, await a_member(db))
    await suppressing.suppress(db, "ann@x.example", "refused")

    found = await account.export(db, ann)

    assert [mail["kind"] for mail in found["mails"]] == ["digest"]
    assert [each["address"] for each in found["addresses left alone"]] == ["ann@x.example"]


async def test_of_two_accounts_that_become_one_nobody_hears_twice(db):
    ann, into = await a_member(db), await a_member(db)
    first, second = [await post_id(db, await a_thread(db)) for _ in range(2)]
    for member, post in ((into, first), (ann, first), (ann, second)):
        await a_mail(db, member, kind="instant", post_id=post)
    await a_mail(db, ann)
    await run(db, "UPDATE mail SET state = 'sent' WHERE id = :id", id=await a_mail(db, ann))

    await account.hand_over(db, ann.id, into.id)

    found = await rows(db, "SELECT member_id, kind, state, post_id FROM mail ORDER BY id")
    assert [tuple(row) for row in found] == [
        (into.id, "instant", "waiting", first),
        (into.id, "instant", "waiting", second),
        (into.id, "digest", "sent", None),
    ]


async def test_whoever_leaves_leaves_no_mails(db):
    ann = await a_member(db, address="ann@x.example")
    await a_mail(db, ann)
    await a_mail(db, await a_member(db))
    await suppressing.suppress(db, "ann@x.example", "refused")

    await account.forget(db, ann.id, False)

    assert await states(db) == ["waiting"]
    assert await value(db, "SELECT count(*) FROM mail_suppression") == 0


@pytest.mark.parametrize("becomes_another", [True, False])
async def test_whoever_is_gone_has_no_digest_due_and_others_have(db, becomes_another):
    ann, into = await a_digest_reader(db), await a_digest_reader(db)
    await make_digests_now(db)
    await run(db, "UPDATE mail SET state = 'sent'")

    if becomes_another:
        await account.hand_over(db, ann.id, into.id)
    else:
        await account.forget(db, ann.id, False)

    for table in ("digest_plan", "digest_mark"):
        found = await rows(db, f"SELECT member_id FROM {table}")
        assert {row["member_id"] for row in found} == {into.id}


async def test_what_ended_half_a_year_ago_goes_and_what_waits_stays(db, tools):
    ann = await a_member(db)
    for ended in ("now() - interval '181 days'", "now() - interval '179 days'", "NULL"):
        await run(db, f"UPDATE mail SET ended_at = {ended} WHERE id = :id", id=await a_mail(db, ann))

    await forget_old(tools)

    assert len(await states(db)) == 2


@pytest.mark.parametrize(
    ("state", "outcome", "words"),
    [
        ("waiting", "", "An email about it is due on "),
        ("sending", "", "An email about it is on its way."),
        ("sent", "", "An email about it was sent on "),
        ("unwanted", FOLDED, f"No email about it was sent. {FOLDED}"),
        ("failed", "The relay refused the address (550).", "An email about it could not be delivered to your address."),
    ],
)
async def test_what_became_of_a_mail_is_said_to_its_reader_alone(db, state, outcome, words):
    ann, post = await a_member(db), await post_id(db, await a_thread(db))
    mail_id = await a_mail(db, ann, kind="instant", post_id=post)
    await run(
        db, "UPDATE mail SET state = :state, outcome = :outcome, ended_at = now() WHERE id = :id",
        state=state, outcome=outcome, id=mail_id,
    )  # fmt: skip

    (sentence,) = await mail_made(db, ann, post, "America/Chicago")

    assert sentence.startswith(words)
    assert await mail_made(db, await a_member(db), post, "America/Chicago") == []
