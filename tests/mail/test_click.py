"""One-click links: opening changes nothing, sending acts at once and signed out, and nothing else comes of them."""

import asyncio
import re
import time
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes
from email.policy import default

import pytest

from forum.following import why
from forum.following.things import THINGS
from forum.following.types import Target
from forum.kit.days import dated
from forum.kit.db import rows, run, value
from forum.mail import addresses
from forum.mail.addresses import Click
from forum.mail.composing import Draft, house
from forum.mail.types import Letter, Reader
from tests.factories import a_category, a_member, a_reply, a_thread, an_admin, sign_in_as
from tests.following.scenes import follows, wishes
from tests.following.test_follow import things

ONE_CLICK = {"List-Unsubscribe": "One-Click"}
BARE = {"x-form-token": ""}  # a mail program has no token


async def link(tools, member, act="stop", kind="all", target_id=0, made_at=None) -> str:
    click = Click(member.id, act, kind, target_id, made_at or int(time.time()))
    return addresses.click_path(await addresses.secret(tools), click)


async def levels(db, member) -> dict:
    found = await rows(db, "SELECT kind, level, every_days FROM follow WHERE member_id = :id", id=member.id)
    return {row["kind"]: (row["level"], row["every_days"]) for row in found}


async def wish(db, member, name):
    return await value(db, f"SELECT {name} FROM mail_wish WHERE member_id = :id", id=member.id)


async def said(ask, path) -> str:
    """What the page of a link says first."""
    return re.search(r'role="status">(.*?)</p>', (await ask(path)).text)[1]


async def test_opening_a_link_shows_what_it_would_do_and_changes_nothing(db, web, tools):
    ann = await a_member(db)
    path = await link(tools, ann)

    page = await web.get(path)

    assert page.status_code == 200
    assert "Stop all email" in page.text
    assert "Nothing has changed yet" in page.text
    assert await value(db, "SELECT count(*) FROM mail_wish") == 0
    assert "session" not in page.headers.get("set-cookie", "")


@pytest.mark.parametrize("body", [{"data": ONE_CLICK}, {"files": {"List-Unsubscribe": (None, "One-Click")}}, {}])
async def test_a_mail_program_stops_it_with_one_request(db, web, tools, body):
    ann = await a_member(db)

    answer = await web.post(await link(tools, ann), headers=BARE, **body)

    assert answer.status_code == 200  # not a redirect, which mail programs do not follow
    assert await wish(db, ann, "stops_all")
    assert "set-cookie" not in answer.headers


async def test_the_button_of_the_page_does_it_too(db, web, tools):
    ann = await a_member(db)
    path = await link(tools, ann, "pause")

    page = await web.post(path, headers={"origin": "http://forum.example", "sec-fetch-site": "same-origin"})

    assert "You get no email for two weeks." in page.text
    assert await wish(db, ann, "paused_until = current_date + 14")


@pytest.mark.parametrize("method", ["get", "post"])
async def test_a_break_says_where_no_mail_comes_for_longer(db, web, tools, method):
    ann = await a_member(db)
    path = await link(tools, ann, "pause")
    longer = datetime.now(UTC).date() + timedelta(90)
    await wishes(db, ann, paused_until=longer)
    so = "already, so this changes nothing."
    assert f"You paused all email until {dated(longer)} {so}" in await said(getattr(web, method), path)
    await wishes(db, ann, stops_all=True)
    assert await said(getattr(web, method), path) == f"You stopped all email about what you follow {so}"
    assert await wish(db, ann, "paused_until") == longer


async def test_a_break_that_ends_earlier_is_said_before_what_the_link_would_do(db, web, tools):
    ann, sooner = await a_member(db), datetime.now(UTC).date() + timedelta(5)
    path = await link(tools, ann, "pause")
    await wishes(db, ann, paused_until=sooner)

    page = (await web.get(path)).text

    assert 0 < page.find(f"You paused all email until {dated(sooner)}.") < page.find("Nothing has changed yet")
    assert "until" not in await said(web.post, path)
    assert await wish(db, ann, "paused_until = current_date + 14")


PAUSED = f"You paused all email until {dated(datetime.now(UTC).date() + timedelta(14))} already"
STOPS = [
    ("pause", "all", PAUSED),
    ("stop", "all", "You stopped all email about what you follow already"),
    ("stop", "digest", "You get no digests already"),
    ("stop", "mentions", "You get no email about mentions of you already"),
    ("stop", "thread", "You get no email about this thread already, unless somebody mentions you there"),
    ("stop", "person", "You get no email about what this person writes already"),
    ("stop", "search", "You get no email about this saved search already"),
    ("stop", "product", "You get no email about this product already"),
    ("stop", "topic", "You get no email about this topic already"),
    ("stop", "vendor", "You get no email about this vendor already"),
    ("stop", "category", "You get no email about this category already"),
    ("stop", "everything", "You get no email from following everything already"),
]


@pytest.mark.parametrize(("act", "kind", "sentence"), STOPS)
async def test_pressed_again_or_opened_again_it_says_that_it_is_so_already(db, web, tools, act, kind, sentence):
    ann = await a_member(db)
    target = (await things(db, ann)).get(kind, Target(kind))
    await wishes(db, ann, replying="digest")
    if kind in THINGS:
        await follows(db, ann, kind, target.id)
    path = await link(tools, ann, act, kind, target.id)
    assert "Nothing has changed yet" in (await web.get(path)).text
    assert "Done." in (await web.post(path, headers=BARE)).text
    held = await rows(db, "SELECT f.* FROM follow f"), await rows(db, "SELECT w.* FROM mail_wish w")

    for ask in (web.get, web.post):
        page = await ask(path)
        assert page.status_code == 200
        assert f"{sentence}, so this changes nothing." in page.text
        assert not re.search("Nothing has changed yet|Done.|Take it back", page.text)

    assert (await rows(db, "SELECT f.* FROM follow f"), await rows(db, "SELECT w.* FROM mail_wish w")) == held


@pytest.mark.parametrize(("level", "but"), [("web", ", unless somebody mentions you there"), ("muted", "")])
async def test_a_thread_that_is_muted_is_not_heard_of_by_a_mention(db, web, tools, level, but):
    ann, thread = await a_member(db), await a_thread(db)
    await follows(db, ann, "thread", thread, level)
    already = f"You get no email about this thread already{but}, so this changes nothing."
    assert await said(web.get, await link(tools, ann, "stop", "thread", thread)) == already


@pytest.mark.parametrize("level", ["web", "none"])
async def test_mentions_that_are_not_mailed_are_not_mailed_for_a_click(db, web, tools, level):
    ann = await a_member(db)
    await wishes(db, ann, mentioned=level)

    for act in ("weekly", "stop"):
        await web.post(await link(tools, ann, act, "mentions"), headers=BARE)
        await follows(db, ann, "thread", 1 if act == "stop" else 2, reason="mentioned")
        assert "Done." in (await web.post(await link(tools, ann, act, "mentions"), headers=BARE)).text

    assert await wish(db, ann, "mentioned") == level


async def test_twice_and_at_the_same_moment_is_once(db, web, tools):
    ann, thread = await a_member(db), await a_thread(db)
    paths = [await link(tools, ann, "stop", "thread", thread), await link(tools, ann, "pause"), await link(tools, ann)]

    answers = await asyncio.gather(*(web.post(path, headers=BARE) for path in paths * 4))

    assert {answer.status_code for answer in answers} == {200}
    assert await levels(db, ann) == {"thread": ("web", None)}
    assert await value(db, "SELECT count(*) FROM mail_wish") == 1


async def test_a_link_stops_what_it_is_about_and_nothing_else(db, web, tools):
    ann = await a_member(db)
    category_id = await value(db, "SELECT id FROM category WHERE slug = :s", s=await a_category(db))
    await follows(db, ann, "category", category_id)
    await follows(db, ann, "everything", 0)

    await web.post(await link(tools, ann, "stop", "category", category_id), headers=BARE)

    assert await levels(db, ann) == {"category": ("web", None), "everything": ("each", None)}
    assert not await wish(db, ann, "stops_all")


async def test_once_a_week_instead(db, web, tools):
    ann, thread = await a_member(db), await a_thread(db)
    await follows(db, ann, "everything", 0)
    await web.post(await link(tools, ann, "weekly", "thread", thread), headers=BARE)
    assert await levels(db, ann) == {"thread": ("digest", 7), "everything": ("each", None)}

    await web.post(await link(tools, ann, "weekly", "all"), headers=BARE)

    assert await levels(db, ann) == {"thread": ("digest", 7), "everything": ("digest", 7)}
    assert await wish(db, ann, "ARRAY[asking, replying, mentioned]") == ["digest"] * 3


@pytest.mark.parametrize("method", ["get", "post"])
async def test_once_a_week_instead_says_where_less_comes_already_and_where_no_mail_comes_at_all(db, web, tools, method):
    ann, thread = await a_member(db), await a_thread(db)
    await follows(db, ann, "thread", thread, "web")
    await wishes(db, ann, stops_all=True, mentioned="digest")
    none, less = "This changes nothing", "so this changes nothing"
    about_it = [("thread", thread, none), ("mentions", 0, less), ("digest", 0, less), ("topic", 9, none)]

    for kind, target_id, said in about_it:
        page = (await getattr(web, method)(await link(tools, ann, "weekly", kind, target_id))).text
        assert said in page
        assert "You stopped all email about what you follow." in page
        assert "Done." not in page
        assert "<form" not in page.partition("<main")[2].partition("</main")[0]

    assert (await levels(db, ann))["thread"] == ("web", None)


@pytest.mark.parametrize(
    ("kind", "level", "sentence"),
    [
        ("thread", "web", "You get no email about this thread, unless somebody mentions you there. This"),
        ("thread", "muted", "You get no email about this thread. This"),
        ("topic", "web", "You get no email about this topic. This"),
        ("mentions", "web", "You get no email about mentions of you. This"),
        ("thread", "digest", "You get email about this at most once a week already, so this"),
    ],
)
async def test_once_a_week_instead_says_where_none_comes(db, web, tools, kind, level, sentence):
    ann, thread = await a_member(db), await a_thread(db)
    if kind == "mentions":
        await wishes(db, ann, mentioned=level)
    else:
        await follows(db, ann, kind, thread, level, every_days=7 if level == "digest" else None)

    page = (await web.get(await link(tools, ann, "weekly", kind, thread if kind != "mentions" else 0))).text

    assert f"{sentence} changes nothing." in page


QUIET = {"asking": "web", "replying": "web", "mentioned": "web"}


@pytest.mark.parametrize(
    ("kind", "level", "wished", "sentence"),
    [
        ("digest", "web", QUIET, "You get no digests. This changes nothing."),
        ("digest", "each", QUIET, "You get no digests. This changes nothing."),
        ("digest", "web", QUIET | {"replying": "digest"}, "You get no digests. This changes nothing."),
        ("digest", "web", {"mentioned": "digest"}, "You get a digest at most once a week already, so this changes"),
        ("digest", "digest", QUIET, "You get a digest at most once a week already, so this changes nothing."),
        ("all", "web", QUIET, "You get no email about what you follow. This changes nothing."),
        ("all", "web", QUIET | {"stops_all": True}, "You get no email about what you follow. This changes nothing."),
        ("all", "web", QUIET | {"replying": "digest"}, "You get a digest at most once a week already, so this"),
        ("all", "digest", QUIET, "You get a digest at most once a week already, so this changes nothing."),
        ("all", "digest", QUIET | {"stops_all": True}, "You would get a digest at most once a week anyway, so this"),
        ("digest", "digest", {"paused_until": date(2100, 1, 1)}, "You would get a digest at most once a week anyway"),
        ("topic", "digest", {"stops_all": True}, "You would get email about this at most once a week anyway, so this"),
        ("digest", "digest", {"blocks": []}, "You get no digest, because you left everything out of it."),
    ],
)
async def test_once_a_week_instead_says_truly_whether_any_comes(db, web, tools, kind, level, wished, sentence):
    ann = await a_member(db)
    await follows(db, ann, "topic", 1, level, every_days=7 if level == "digest" else None)
    await wishes(db, ann, **wished)

    for ask in (web.get, web.post):
        page = (await ask(await link(tools, ann, "weekly", kind, 1 if kind == "topic" else 0))).text
        assert sentence in page
        assert "Done." not in page
        assert ("at most once a week already" in page) is ("already" in sentence)
    assert await levels(db, ann) == {"topic": (level, 7 if level == "digest" else None)}


@pytest.mark.parametrize("mark", [".", ">", ">.", '"'])
async def test_a_mark_that_a_mail_program_takes_for_a_part_of_the_link_does_no_harm(db, web, tools, mark):
    ann = await a_member(db)
    assert (await web.post(await link(tools, ann) + mark, headers=BARE)).status_code == 200
    assert await wish(db, ann, "stops_all")


async def test_whoever_stops_following_everything_gets_the_rest_of_their_mail(db, web, tools):
    ann = await a_member(db)
    await follows(db, ann, "everything", 0)
    await follows(db, ann, "topic", 1)
    page = (await web.get(await link(tools, ann, "stop", "everything"))).text
    assert "Stop email from following everything" in page
    assert "Stop all email" not in page

    await web.post(await link(tools, ann, "weekly", "everything"), headers=BARE)
    assert await levels(db, ann) == {"everything": ("digest", 7), "topic": ("each", None)}
    await web.post(await link(tools, ann, "stop", "everything"), headers=BARE)
    assert await levels(db, ann) == {"everything": ("web", None), "topic": ("each", None)}
    assert await value(db, "SELECT count(*) FROM mail_wish") == 0


async def test_digests_stop_or_come_less_often(db, web, tools):
    ann = await a_member(db)
    await follows(db, ann, "topic", 1, "digest", every_days=1)
    await follows(db, ann, "person", 1, "each")
    await web.post(await link(tools, ann, "weekly", "digest"), headers=BARE)
    assert await levels(db, ann) == {"topic": ("digest", 7), "person": ("each", None)}

    await web.post(await link(tools, ann, "stop", "digest"), headers=BARE)

    assert await levels(db, ann) == {"topic": ("web", None), "person": ("each", None)}


async def test_whoever_stopped_digests_gets_one_again_when_they_follow_by_digest(db, web, tools):
    ann = await a_member(db)
    await wishes(db, ann, asking="digest", replying="each", mentioned="digest", blocks=["mentions", "followed"])

    for _ in range(2):
        await web.post(await link(tools, ann, "stop", "digest"), headers=BARE)

    assert await wish(db, ann, "ARRAY[asking, replying, mentioned]") == ["web", "each", "web"]
    assert await wish(db, ann, "blocks") == ["mentions", "followed"]
    outcome, _ = await why.reasons(db, ann, await a_reply(db, await a_thread(db), body=f"@{ann.handle} knows."))
    assert outcome == "You hear about it on the web."


async def test_mentions_stop(db, web, tools):
    ann = await a_member(db)

    await web.post(await link(tools, ann, "stop", "mentions"), headers=BARE)

    assert await wish(db, ann, "mentioned") == "web"
    assert await wish(db, ann, "asking") == "each"


@pytest.mark.parametrize("level", ["web", "muted"])
async def test_what_comes_by_no_mail_already_stays_as_it_is(db, web, tools, level):
    ann, thread = await a_member(db), await a_thread(db)
    await follows(db, ann, "thread", thread, level)

    for act in ("stop", "weekly"):
        await web.post(await link(tools, ann, act, "thread", thread), headers=BARE)

    assert await levels(db, ann) == {"thread": (level, None)}


async def test_what_is_not_followed_is_not_followed_by_a_link(db, web, tools):
    ann = await a_member(db)
    category_id = await value(db, "SELECT id FROM category WHERE slug = :s", s=await a_category(db))

    for act in ("stop", "weekly"):
        assert (await web.post(await link(tools, ann, act, "category", category_id), headers=BARE)).status_code == 200

    assert await levels(db, ann) == {}


async def test_a_link_about_what_is_gone_or_closed_by_now_tells_nothing(db, web, tools):
    ann = await a_member(db)
    slug = await a_category(db, read_by="staff", reply_by="staff", start_by="staff")
    closed = await a_thread(db, category=slug, author=await an_admin(db))

    answers = [
        (await web.post(await link(tools, ann, "stop", "thread", target), headers=BARE)).text
        for target in (closed, 2**40)
    ]

    assert all("You get no more email about this thread" in answer for answer in answers)
    assert "Why does the printer" not in answers[0]
    assert await levels(db, ann) == {}


async def test_a_link_signs_nobody_in_and_acts_for_its_member_alone(db, web, tools):
    ann, bob = await a_member(db), await a_member(db)
    await sign_in_as(web, db, bob)
    sessions = await value(db, "SELECT count(*) FROM session")

    await web.post(await link(tools, ann), headers=BARE)

    assert await value(db, "SELECT count(*) FROM session") == sessions
    assert await wish(db, ann, "stops_all")
    assert not await wish(db, bob, "stops_all")


async def test_every_link_that_is_cut_off_forged_or_outdated_gets_one_and_the_same_page(db, web, tools):
    ann, bob = await a_member(db), await a_member(db)
    await run(db, "INSERT INTO mail_wish (member_id, links_made_at) VALUES (:id, now())", id=ann.id)
    await run(db, "UPDATE member SET state = 'deactivated' WHERE id = :id", id=bob.id)
    good = await link(tools, ann)
    paths = [
        "/mail/u/",
        "/mail/u/x",
        "/mail/u/1/2",
        good[:-3],
        good + "=",
        f"/mail/u/{ann.id}-stop-all-0-1790000000-" + "a" * 22,
        "/mail/u/999999-stop-all-0-1790000000-" + "a" * 22,
        "/mail/u/1-delete-all-0-1-" + "a" * 22,
        await link(tools, ann, made_at=int(time.time()) - 60),
        await link(tools, bob),
        await link(tools, ann, "stop", "planet"),
    ]

    answers = [await web.get(path) for path in paths] + [await web.post(path, headers=BARE) for path in paths]

    assert {answer.status_code for answer in answers} == {404}
    (page,) = {answer.text for answer in answers}
    assert "Use the link in your newest email" in page
    assert 'href="/settings/following"' in page
    assert await value(db, "SELECT count(*) FROM mail_wish") == 1


async def test_for_who_is_signed_in_it_is_the_same_page_for_each_too(db, web, tools):
    ann = await sign_in_as(web, db, await a_member(db))
    paths = ["/mail/u/x", await link(tools, ann, "stop", "planet"), await link(tools, await a_member(db), "stop", "x")]

    pages = {re.sub(r'name="token" value="[^"]*"', "", (await web.get(path)).text) for path in paths}

    assert len(pages) == 1


async def test_links_from_before_they_were_made_worthless_and_of_those_who_left_do_nothing(db, web, tools):
    ann, bob = await a_member(db), await a_member(db)
    await run(db, "INSERT INTO mail_wish (member_id, links_made_at) VALUES (:id, now())", id=ann.id)
    await run(db, "UPDATE member SET state = 'deactivated' WHERE id = :id", id=bob.id)
    old = await link(tools, ann, made_at=int(time.time()) - 60)

    assert (await web.post(old, headers=BARE)).status_code == 404
    assert (await web.post(await link(tools, bob), headers=BARE)).status_code == 404
    assert (await web.post(await link(tools, ann), headers=BARE)).status_code == 200


async def test_a_form_of_another_site_does_nothing(db, web, tools):
    ann = await a_member(db)

    answer = await web.post(await link(tools, ann), headers={**BARE, "origin": "http://evil.example"})

    assert answer.status_code == 403
    assert await value(db, "SELECT count(*) FROM mail_wish") == 0


async def test_the_button_of_a_mail_program_works_as_the_mail_says_it(db, web, tools):
    ann, thread = await a_member(db), await a_thread(db)
    home = await house(tools)
    letter = Letter("instant", "Hello", "Words", "<p>Words</p>", "post.1@forum.example")
    reader = Reader(ann.id, "ann@x.example", "You asked.", "Stop this", "thread", thread)
    mail = message_from_bytes(Draft(home, letter).to(reader, datetime.now(UTC)), policy=default)

    name, _, told = mail["list-unsubscribe-post"].partition("=")
    answer = await web.post(mail["list-unsubscribe"].strip("<>"), data={name: told}, headers=BARE)

    assert answer.status_code == 200
    assert await levels(db, ann) == {"thread": ("web", None)}
