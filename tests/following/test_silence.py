"""Where all email is stopped or paused, whoever chooses email reads so."""

import re
from datetime import date

import pytest

from tests.factories import a_member, sign_in_as
from tests.following.scenes import wishes


@pytest.mark.parametrize(
    ("kept", "sentence"),
    [
        ({"stops_all": True}, "But no email comes now. You stopped all email about what you follow."),
        ({"paused_until": date(2999, 1, 31)}, "But no email comes now. You paused all email until January 31, 2999."),
        ({"paused_until": date(2020, 1, 31)}, ""),
        ({}, ""),
    ],
)
async def test_whoever_chooses_email_reads_where_they_stopped_or_paused_all_of_it(db, web, kept, sentence):
    ann = await sign_in_as(web, db, await a_member(db))
    await wishes(db, ann, **kept)

    for path, sent, is_by_mail in (
        ("/follow/everything", {"level": "each"}, True),
        ("/follow/everything", {"level": "weekly"}, True),
        ("/follow/everything", {"level": "web"}, False),
        ("/settings/following/start", {"everything": "1", "every_days": "7"}, True),
    ):
        answer = await web.post(path, data=sent)
        page = (await web.get(answer.headers["location"].partition("#")[0])).text
        (notice,) = re.findall(r'<div class="notice notice-good.*?</p>', page, re.S)
        assert ("But no email comes now." in notice) is (bool(sentence) and is_by_mail)
        if sentence and is_by_mail:
            assert f'{sentence} <a href="/settings/following#how">Change it</a>' in notice
