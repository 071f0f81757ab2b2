"""Whom no mail reaches is told so where they choose how to hear of things, in the words of the digest's page."""

import re

import pytest

from forum.kit.db import run
from forum.mail import suppressing
from forum.mail.suppressing import LEFT_ALONE, unreached
from forum.mail.types import NO_ADDRESS_OF_YOURS
from tests.factories import a_member, sign_in_as

FOLLOWING, DIGEST = "/settings/following", "/settings/digest"
LEAVE_ALONE = "INSERT INTO mail_suppression (address, reason) SELECT e.address, 'refused' FROM member_email e"
REASONS = [("DELETE FROM member_email", NO_ADDRESS_OF_YOURS), (LEAVE_ALONE, LEFT_ALONE)]


@pytest.mark.parametrize(("happens", "sentence"), REASONS, ids=["no address", "left alone"])
async def test_both_pages_say_why_no_mail_comes(db, web, happens, sentence):
    await sign_in_as(web, db, await a_member(db))
    for path in (FOLLOWING, DIGEST):
        page = (await web.get(path)).text
        assert NO_ADDRESS_OF_YOURS not in page
        assert LEFT_ALONE not in page

    await run(db, happens)

    for path in (FOLLOWING, DIGEST):
        page = (await web.get(path)).text
        assert f'{sentence} <a href="/settings/sign-in">Your addresses</a>' in page
    refused = await web.post(DIGEST)
    assert refused.status_code == 422
    assert re.search(rf'id="unsent" role="alert">.*{re.escape(sentence)}</p>', refused.text)
    assert refused.text.count(sentence) == 1


async def test_it_is_said_beside_a_pause_and_not_on_later_pages(db, web):
    ann = await sign_in_as(web, db, await a_member(db))
    await run(db, LEAVE_ALONE)
    await run(db, "INSERT INTO mail_wish (member_id, stops_all) VALUES (:id, true)", id=ann.id)

    page = (await web.get(FOLLOWING)).text

    assert LEFT_ALONE in page
    assert "You stopped all email about what you follow." in page
    assert LEFT_ALONE not in (await web.get(f"{FOLLOWING}?before=9")).text


async def test_only_the_address_that_mail_goes_to_counts(db):
    ann, bob = await a_member(db), await a_member(db)
    await run(
        db,
        """
        INSERT INTO member_email (address, member_id, verified_at) VALUES ('b@x.example', :id, now() + interval '1 s')
        """,
        id=ann.id,
    )
    await suppressing.suppress(db, "b@x.example", "refused")
    assert await unreached(db, ann) == ""

    await run(db, "UPDATE member_email SET is_primary = true WHERE address = 'b@x.example'")

    assert await unreached(db, ann) == LEFT_ALONE
    assert await unreached(db, bob) == ""
