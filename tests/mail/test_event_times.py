"""Mails about events tell their times where the event is, and beside that where each reader is."""

from collections import namedtuple
from email import message_from_bytes, policy

import pytest

from forum.events import commands
from forum.kit import db as kit_db
from forum.kit.db import run
from forum.mail.queueing import claim
from forum.mail.types import Ready
from forum.wiring import RENDERERS
from tests.events.scenes import an_event, facts
from tests.factories import a_member
from tests.following.scenes import EVERYTHING, follows, wishes
from tests.mail.mails import make_due

EASTERN = {"time_zone": "America/New_York", "starts": "2031-12-01T14:00", "ends": "2031-12-01T15:00"}
NEXT_DAY = {**EASTERN, "starts": "2031-12-02T23:30", "ends": "2031-12-03T00:30"}
TOLD = "When: Monday, December 1, 2031, 2:00 PM to 3:00 PM Eastern time"
Letter = namedtuple("Letter", "text html")


async def rendered(tools, kind) -> dict[int, Letter]:
    """All mails of that kind that wait, by who gets them."""
    await make_due(tools.db)
    mails = [each for each in await claim(tools.db, domain="forum.example", most=200) if each.kind == kind]
    made = await RENDERERS[kind](tools, mails)
    return {mail.member_id: _letter(made[mail.id].message) for mail in mails}


def _letter(message) -> Letter:
    mail = message_from_bytes(message, policy=policy.SMTP)
    return Letter(*(mail.get_body((kind,)).get_content().replace("\r\n", "\n") for kind in ("plain", "html")))


async def a_reader(db, zone=""):
    """Who hears of every message, and lives there."""
    reader = await a_member(db)
    await follows(db, reader, *EVERYTHING)
    if zone:
        await wishes(db, reader, time_zone=zone)
    return reader


async def moved(db, author, thread, drain, **times) -> None:
    await run(db, "UPDATE mail SET state = 'sent', ended_at = now() WHERE state = 'waiting'")
    await commands.change(db, author, thread, facts(**times), 1)
    await drain()


async def test_a_mail_of_an_event_tells_its_time_also_where_each_reader_is_if_clocks_differ_there(db, tools, drain):
    near, same, denver, unset = [
        await a_reader(db, zone) for zone in ("America/New_York", "America/Detroit", "America/Denver", "")
    ]
    await an_event(db, **EASTERN)
    await drain()

    made = await rendered(tools, "instant")

    for who in (near, same):
        assert f"{TOLD}\nWhere: " in made[who.id].text
        assert "For you" not in made[who.id].html
    for who, own in ((denver, "12:00 PM to 1:00 PM Mountain time"), (unset, "1:00 PM to 2:00 PM Central time")):
        assert f"{TOLD}\nFor you: {own}\nWhere: " in made[who.id].text
        assert f">For you: {own}<" in made[who.id].html


@pytest.mark.parametrize(
    ("district", "own"), [("America/Los_Angeles", "11:00 AM to 12:00 PM Pacific"), ("", "1:00 PM")]
)
async def test_who_chose_no_zone_is_where_their_district_is_or_else_the_site(db, tools, drain, district, own):
    reader = await a_reader(db)
    await run(
        db,
        """
        WITH d AS (INSERT INTO district (name, time_zone) VALUES ('Pine', :zone) RETURNING id)
        UPDATE member SET district_id = d.id FROM d WHERE member.id = :id
        """,
        zone=district,
        id=reader.id,
    )
    await an_event(db, **EASTERN)
    await drain()

    assert f"\nFor you: {own}" in (await rendered(tools, "instant"))[reader.id].text


async def test_a_mail_of_a_change_tells_both_times_where_each_reader_is(db, tools, drain):
    ann, near, tokyo, unset = (
        await a_member(db),
        await a_reader(db, "America/New_York"),
        await a_reader(db, "Asia/Tokyo"),
        await a_reader(db),
    )
    thread = await an_event(db, author=ann, **EASTERN)
    await drain()
    await moved(db, ann, thread, drain, **NEXT_DAY)

    made = await rendered(tools, "change")

    now = "When: Tuesday, December 2, 2031, 11:30 PM to Wednesday, December 3,\n2031, 12:30 AM Eastern time\n"
    assert f"\nBefore:\n{TOLD}\n\nNow:\n{now}Where: " in made[near.id].text
    assert "For you" not in made[near.id].html
    before, after = made[unset.id].text.split("\nNow:\n")
    assert before.endswith(f"Before:\n{TOLD}\nFor you: 1:00 PM to 2:00 PM Central time\n")
    assert after.startswith(f"{now}For you: 10:30 PM to 11:30 PM Central time\nWhere: ")
    before, after = made[tokyo.id].text.split("\nNow:\n")
    own = "For you: Tuesday, December 2, 2031, 4:00 AM to 5:00 AM Tokyo time\n"
    assert before.endswith(f"Before:\n{TOLD}\n{own}")
    own = "For you: Wednesday, December 3, 2031, 1:30 PM to 2:30 PM Tokyo time\n"
    assert after.startswith(f"{now}{own}Where: ")
    assert f">{own.strip()}<" in made[tokyo.id].html


async def test_the_time_of_a_reader_keeps_to_the_columns_of_a_mail(db, tools, drain):
    reader = await a_reader(db, "Pacific/Honolulu")
    await an_event(db, time_zone="Asia/Tokyo", starts="2031-12-03T18:30", ends="2031-12-03T19:30")
    await drain()

    text = (await rendered(tools, "instant"))[reader.id].text

    own = "For you: Tuesday, December 2, 2031, 11:30 PM to Wednesday, December 3,\n2031, 12:30 AM Hawaii time\n"
    assert own in text
    assert all(len(line) <= 72 for line in text.split("\n") if "http" not in line)


@pytest.mark.parametrize("kind", ["instant", "change"])
async def test_any_number_of_zones_takes_as_many_queries_as_one(db, tools, drain, monkeypatch, kind):
    ann = await a_member(db)
    for zone in ("", "America/New_York", "America/Denver", "Asia/Tokyo", "Pacific/Honolulu"):
        await a_reader(db, zone)
    thread = await an_event(db, author=ann, **EASTERN)
    await drain()
    if kind == "change":
        await moved(db, ann, thread, drain, **NEXT_DAY)
    await make_due(db)
    mails = await claim(db, domain="forum.example")
    await RENDERERS[kind](tools, mails)  # the first ever makes the secret of all links
    asked, bind = [], kit_db.bind
    monkeypatch.setattr(kit_db, "bind", lambda sql: bind(asked.append(sql) or sql))

    counts = []
    for some in (mails[:1], mails):
        asked.clear()
        made = await RENDERERS[kind](tools, some)
        assert all(isinstance(made[mail.id], Ready) for mail in some)
        counts.append(len(asked))

    assert len(mails) == 5
    assert counts[0] == counts[1] > 0
