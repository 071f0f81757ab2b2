"""Taking back what a one-click link did: the page says what that was, and brings back just that, once."""

import asyncio
import re
import time
from dataclasses import replace

import pytest

from forum.events import commands as events
from forum.following import softened
from forum.following.commands import follow, unfollow
from forum.following.joining_in import follow_by_coming, follow_by_post
from forum.following.softened import Change, How, Softened
from forum.following.types import Target
from forum.following.wishes import change_wishes, void_links
from forum.following.wishes import wishes as wishes_of
from forum.kit.db import rows, run, value
from forum.kit.errors import Forbidden, Invalid, NotFound
from forum.mail import addresses, taking_back
from forum.mail.changing import telling
from forum.members.types import GUEST
from tests.events.scenes import an_event
from tests.factories import a_member, a_reply, a_thread, post_id, sign_in_as
from tests.following.scenes import follows, wishes
from tests.following.test_undo import LEFT
from tests.mail.test_click import BARE, link, wish

DEED = re.compile(r'name="deed" value="([^"]+)"')
BACK = "Done. You hear of everything as you did before."
PARTLY = "Done. You hear of things as you did before, but for what was changed since."
MOVED, COMING = "email tells you when these are moved or canceled", "you are coming to"
WISHED = "ARRAY[asking, replying, mentioned]"


async def kept(db) -> list[tuple]:
    """What everybody follows and wishes, but for when they changed it."""
    follow = "SELECT f.member_id, f.kind, f.target_id, f.level, f.every_days, f.reason FROM follow f ORDER BY 1, 2, 3"
    wish = f"SELECT w.member_id, {WISHED}, w.paused_until, w.stops_all FROM mail_wish w ORDER BY 1"
    return [tuple(row.values()) for sql in (follow, wish) for row in await rows(db, sql)]


async def clicked(web, path) -> tuple[str, str]:
    """The page of a link that was pressed, and what its button to take that back carries."""
    page = (await web.post(path, headers=BARE)).text
    return page, found[1] if (found := DEED.search(page)) else ""


async def pressed(web, deed) -> str:
    """What is said once that button is pressed."""
    return re.search(r'role="status">(.*?)</p>', (await web.post("/mail/take-back", data={"deed": deed})).text)[1]


async def a_digest_reader(db):
    """Who hears of many things in their own ways."""
    ann = await a_member(db)
    await wishes(db, ann, replying="digest", mentioned="digest", asking="each")
    await follows(db, ann, "topic", 1, "digest", every_days=1)
    await follows(db, ann, "topic", 2, "digest", every_days=30, reason="preset")
    await follows(db, ann, "everything", 0, "each")
    await follows(db, ann, "thread", await a_thread(db), "digest", every_days=3, reason="mentioned")
    return ann


async def things_clicked(db, tools) -> tuple:
    """A member, and a link for each thing that one stops or makes weekly."""
    ann, unfollowed, left = await a_digest_reader(db), await a_thread(db), await a_thread(db)
    await unfollow(db, ann, Target("thread", left))
    about = [
        ("pause", "all", 0), ("stop", "all", 0), ("weekly", "all", 0), ("stop", "digest", 0), ("weekly", "digest", 0),
        ("stop", "mentions", 0), ("stop", "everything", 0), ("weekly", "everything", 0), ("stop", "thread", unfollowed),
        ("weekly", "thread", left),
    ]  # fmt: skip
    return ann, [await link(tools, ann, *each) for each in about]


async def test_each_click_is_taken_back_signed_out_to_just_what_was_there(db, web, tools):
    await a_digest_reader(db)  # somebody else
    _, paths = await things_clicked(db, tools)
    before = await kept(db)

    for path in paths:
        _, deed = await clicked(web, path)
        assert await kept(db) != before
        assert await pressed(web, deed) == BACK
        assert await kept(db) == before
    assert await value(db, "SELECT count(*) FROM session") == 0


async def test_the_page_says_what_a_click_changed(db, web, tools):
    ann = await a_digest_reader(db)

    page, _ = await clicked(web, await link(tools, ann, "stop", "digest"))

    assert re.findall("<li>(.*)</li>", page.replace("</li><li>", "</li>\n<li>").partition("So it is now")[2])[:3] == [
        "3 things you follow: On the web",
        "When I reply in a thread, or say I will come to an event: On the web",
        "When somebody mentions me: On the web",
    ]
    assert "When I start a thread" not in page


async def test_once_a_week_instead_says_what_comes_weekly_now(db, web, tools):
    page, _ = await clicked(web, await link(tools, await a_digest_reader(db), "weekly"))

    assert "3 things you follow: Weekly digest" in page
    assert "When I start a thread: In my digest" in page
    assert "moved or canceled" not in page


async def test_a_click_that_says_it_all_lists_nothing_besides(db, web, tools):
    ann = await a_digest_reader(db)
    for act, kind, target_id in (("stop", "everything", 0), ("pause", "all", 0), ("stop", "all", 0)):
        page, deed = await clicked(web, await link(tools, ann, act, kind, target_id))
        assert "So it is now" not in page
        assert deed


@pytest.mark.parametrize(
    ("act", "kind", "sentence"),
    [
        ("stop", "digest", f"No {MOVED}: 2 events {COMING}, and events you say you will come to from now on."),
        ("stop", "all", f"No {MOVED}: 2 events {COMING}."),
        ("pause", "all", f"Until then, no {MOVED}: 2 events {COMING}."),
        ("stop", "thread", f"No {MOVED}: one event {COMING}."),
        ("weekly", "all", ""),
        ("weekly", "digest", ""),
        ("stop", "mentions", ""),
    ],
)
async def test_the_page_says_of_which_events_no_change_is_mailed_any_more(db, web, tools, act, kind, sentence):
    ann, threads = await a_member(db), [await an_event(db) for _ in range(3)]
    await wishes(db, ann, replying="digest", mentioned="digest")
    for thread in threads:
        await events.come(db, ann, thread, is_coming=True)
        await follow_by_coming(db, await post_id(db, thread), ann.id)
    await follow(db, ann, Target("thread", threads[2]), "digest", 1)  # chose less than each message: mailed of none
    assert await telling(db, ann.id) == 2

    target_id = threads[0] if kind == "thread" else 0
    page, deed = await clicked(web, await link(tools, ann, act, kind, target_id))

    assert ("moved or canceled" in page) is bool(sentence)
    assert sentence in page
    await pressed(web, deed)
    assert await telling(db, ann.id) == 2


async def test_once_a_week_instead_of_every_message_of_an_event_is_no_mail_of_its_changes(db, web, tools):
    ann, thread = await a_member(db), await an_event(db)
    await events.come(db, ann, thread, is_coming=True)
    await follow(db, ann, Target("thread", thread), "each")

    page, _ = await clicked(web, await link(tools, ann, "weekly"))

    assert f"No {MOVED}: one event {COMING}." in page
    assert await telling(db, ann.id) == 0


async def test_a_second_press_finds_nothing_left_also_when_it_was_done_again(db, web, tools):
    ann = await a_digest_reader(db)
    path = await link(tools, ann, "stop", "digest")
    _, deed = await clicked(web, path)
    before = await kept(db)
    assert await pressed(web, deed) == BACK

    await clicked(web, path)

    for _ in range(2):
        assert await pressed(web, deed) == LEFT
    assert await kept(db) == before


async def test_pressed_at_the_same_moment_it_is_taken_back_once(db, web, tools):
    ann = await a_digest_reader(db)
    before = await kept(db)
    _, deed = await clicked(web, await link(tools, ann, "stop", "digest"))

    answers = await asyncio.gather(*(pressed(web, deed) for _ in range(5)))

    assert sorted(answers) == sorted([BACK, *[LEFT] * 4])
    assert await kept(db) == before


async def test_clicked_at_the_same_moment_one_of_them_has_changed_it(db, web, tools):
    ann = await a_digest_reader(db)
    before = await kept(db)
    path = await link(tools, ann, "stop", "digest")

    pages = await asyncio.gather(*(clicked(web, path) for _ in range(5)))

    (deed,) = [deed for _, deed in pages if deed]
    assert sum("You get no digests already" in page for page, _ in pages) == 4
    assert await pressed(web, deed) == BACK
    assert await kept(db) == before


async def test_what_was_changed_since_stays(db, web, tools):
    ann = await a_digest_reader(db)
    _, deed = await clicked(web, await link(tools, ann, "stop", "digest"))
    await run(db, "UPDATE follow SET level = 'each', changed_at = now() WHERE kind = 'topic' AND target_id = 1")
    await run(db, "DELETE FROM follow WHERE kind = 'topic' AND target_id = 2")
    now = await wishes_of(db, ann.id)
    await change_wishes(db, ann, now, replace(now, replying="none", hour=9))

    assert await pressed(web, deed) == PARTLY

    levels = {(row["kind"], row["target_id"]): row["level"] for row in await rows(db, "SELECT f.* FROM follow f")}
    assert levels.pop(("topic", 1)) == "each"
    assert ("topic", 2) not in levels
    assert sorted(levels.values()) == ["digest", "each"]
    assert await wish(db, ann, WISHED) == ["each", "none", "digest"]
    assert await wish(db, ann, "hour") == 9


async def test_what_was_set_to_the_same_since_stays_too(db, web, tools):
    ann = await a_member(db)
    await follows(db, ann, "everything", 0, "digest")
    _, deed = await clicked(web, await link(tools, ann, "stop", "digest"))
    for level in ("each", "web"):
        await follow(db, ann, Target("everything"), level)
    before = await kept(db)

    assert await pressed(web, deed) == LEFT
    assert await kept(db) == before


async def test_clicks_are_taken_back_in_any_order(db, web, tools):
    ann = await a_digest_reader(db)
    before = await kept(db)
    deeds = [(await clicked(web, await link(tools, ann, *each)))[1] for each in (("stop", "digest"), ("pause",))]

    assert [await pressed(web, deed) for deed in deeds] == [BACK] * 2

    assert await kept(db) == before


async def test_whoever_replied_in_a_thread_since_follows_it_for_that(db, web, tools):
    ann = await a_digest_reader(db)
    _, deed = await clicked(web, await link(tools, ann, "stop", "digest"))
    thread = await value(db, "SELECT f.target_id FROM follow f WHERE f.kind = 'thread'")
    await follow_by_post(db, await a_reply(db, thread, author=ann))

    assert await pressed(web, deed) == BACK

    row = (await rows(db, "SELECT f.level, f.every_days, f.reason FROM follow f WHERE f.kind = 'thread'"))[0]
    assert tuple(row.values()) == ("digest", 3, "replied")


async def test_what_was_not_made_here_or_is_worth_nothing_gets_one_and_the_same_page(db, web, tools):
    ann, bob = await a_digest_reader(db), await a_digest_reader(db)
    _, good = await clicked(web, await link(tools, ann, "stop", "digest"))
    _, gone = await clicked(web, await link(tools, bob, "stop", "digest"))
    key = await addresses.secret(tools)
    deed = Softened.unpacked(addresses.read_deed(key, good).decode())
    packed, _, seal = good.rpartition(".")
    wider = addresses.sealed_deed(key, replace(deed, member_id=bob.id).packed().encode()).rpartition(".")[0]
    late = replace(deed, moment=deed.moment - 25 * 3600 * 1_000_000)
    await run(db, "UPDATE member SET state = 'deactivated' WHERE id = :id", id=bob.id)
    before = await kept(db)
    texts = [
        "", ".", "x", "é.", "\ud83d", packed, good[:-1], f"{packed}.{'0' * 32}", f"{wider}.{seal}", f"A{good}",
        addresses.sealed_deed(b"k" * 32, deed.packed().encode()), gone,
        (await link(tools, ann)).removeprefix("/mail/u/"),
        addresses.sealed_deed(key, late.packed().encode()),
    ]  # fmt: skip

    answers = [await web.post("/mail/take-back", content=_form(text), headers=FORM) for text in texts]
    answers.append(await web.post("/mail/take-back"))
    await void_links(db, ann)
    answers.append(await web.post("/mail/take-back", data={"deed": good}))

    assert {answer.status_code for answer in answers} == {404}
    (page,) = {answer.text for answer in answers}
    assert "This link does nothing" in page
    assert [row[:6] for row in await kept(db)] == [row[:6] for row in before]
    assert await value(db, "SELECT count(*) FROM form_receipt") == 0


FORM = {"content-type": "application/x-www-form-urlencoded"}


def _form(text: str) -> bytes:
    return b"deed=" + text.encode("utf-8", "surrogatepass").replace(b"+", b"%2B").replace(b"=", b"%3D")


async def test_it_signs_nobody_in_and_acts_for_its_member_whoever_is_signed_in(db, web, tools):
    ann, bob = await a_digest_reader(db), await a_digest_reader(db)
    before = await kept(db)
    _, deed = await clicked(web, await link(tools, ann, "stop", "digest"))
    await sign_in_as(web, db, bob)

    assert await pressed(web, deed) == BACK

    assert await kept(db) == before
    assert await value(db, "SELECT count(*) FROM session WHERE member_id = :id", id=ann.id) == 0


async def test_a_form_of_another_site_takes_nothing_back(db, web, tools):
    ann = await a_digest_reader(db)
    _, deed = await clicked(web, await link(tools, ann, "stop", "digest"))
    before = await kept(db)

    for headers in ({"origin": "http://evil.example"}, BARE):
        assert (await web.post("/mail/take-back", data={"deed": deed}, headers=headers)).status_code == 403
    assert await kept(db) == before


async def test_a_deed_is_taken_back_by_its_member_alone(db, tools):
    ann, bob = await a_digest_reader(db), await a_digest_reader(db)
    deed = await softened.softened(db, ann, lambda: follow(db, ann, Target("everything"), "web"))
    before = await kept(db)

    with pytest.raises(Forbidden):
        await softened.take_back(db, GUEST, deed)
    with pytest.raises(Invalid):
        await softened.take_back(db, bob, deed)
    assert await kept(db) == before


async def test_what_is_rolled_back_has_brought_back_nothing_and_is_honored_later(db, web, tools):
    ann = await a_digest_reader(db)
    _, deed = await clicked(web, await link(tools, ann, "stop", "digest"))
    before = await kept(db)

    async with db.transaction(force_rollback=True):
        assert await taking_back.take_back(tools, deed)
    assert await kept(db) == before

    assert await pressed(web, deed) == BACK


async def test_a_click_that_is_rolled_back_has_changed_nothing(db, tools):
    ann = await a_digest_reader(db)
    before = await kept(db)

    async def fails() -> None:
        await follow(db, ann, Target("everything"), "each")
        raise NotFound

    with pytest.raises(NotFound):
        await softened.softened(db, ann, fails)
    assert await kept(db) == before


async def test_thousands_of_things_are_taken_back_too(db, web, tools):
    ann = await a_member(db)
    await run(
        db,
        """
        INSERT INTO follow (member_id, kind, target_id, level, every_days, reason)
        SELECT :id, 'thread', n * 7919 % 1000003 + 1, 'digest', 1 + n % 30, 'replied' FROM generate_series(1, 8000) n
        """,
        id=ann.id,
    )
    before = await kept(db)

    page, deed = await clicked(web, await link(tools, ann, "stop", "digest"))

    assert "8,000 things you follow: On the web" in page
    assert len(deed) < 200_000
    assert await pressed(web, deed) == BACK
    assert await kept(db) == before


def test_a_button_carries_a_deed_whole():
    changes = [Change("topic", 7, How("digest", 3), How("web", 0, "chosen")), Change("thread", 8, How(), How("web"))]
    deed = Softened(
        5, int(time.time()), changes, {"paused_until": [None, "2027-01-31"], "stops_all": ["False", "True"]}
    )

    assert Softened.unpacked(deed.packed()) == deed
