"""Taking back how something is followed: with the button of the notice, exactly as it was before."""

import asyncio
import re

import pytest

from forum.following import commands, queries
from forum.following.types import Deed, Level, Target
from forum.kit.db import rows, run, value
from forum.kit.errors import Forbidden, Invalid, NotFound
from forum.members.types import GUEST
from forum.search import saving
from tests.factories import a_member, a_reply, a_thread, sign_in_as
from tests.following.scenes import follows, follows_topics
from tests.following.test_follow import ALL, level, things

BUTTON = re.compile(r'action="(/undo/[^"]+)">.*?name="next" value="([^"]*)"', re.S)
LEFT = "There is nothing to undo anymore."
NOT_THERE = "It is not there anymore, so nothing could be undone."


async def kept(db, who) -> list[tuple]:
    """What `who` follows, as it is kept."""
    columns = "f.kind, f.target_id, f.level, f.every_days, f.reason"
    sql = f"SELECT {columns} FROM follow f WHERE f.member_id = :id ORDER BY f.kind, f.target_id"
    return [tuple(row.values()) for row in await rows(db, sql, id=who.id)]


async def test_each_deed_is_taken_back_to_what_was_there(db):
    ann = await a_member(db)
    for target in (await things(db, ann)).values():
        before = await kept(db, ann)
        await commands.undo(db, ann, await commands.follow(db, ann, target, "digest", 3))
        assert await kept(db, ann) == before

        await commands.follow(db, ann, target, "digest", 3)
        before = await kept(db, ann)
        await commands.undo(db, ann, await commands.unfollow(db, ann, target))
        await commands.undo(db, ann, await commands.follow(db, ann, target, "each"))
        assert await kept(db, ann) == before
    assert await value(db, "SELECT count(*) FROM follow_search") == 1


async def test_how_it_came_to_be_followed_comes_back_too(db):
    ann, fellow = await a_member(db), await a_member(db)
    await follows(db, ann, "person", fellow.id, "digest", every_days=7, reason="preset")

    await commands.undo(db, ann, await commands.unfollow(db, ann, Target("person", fellow.id)))

    assert await kept(db, ann) == [("person", fellow.id, "digest", 7, "preset")]


async def test_a_thread_never_followed_is_followed_by_itself_after_an_undo_and_one_left_is_not(db, drain):
    ann = await a_member(db)
    new, left = Target("thread", await a_thread(db)), Target("thread", await a_thread(db))
    await commands.undo(db, ann, await commands.follow(db, ann, new, "muted"))
    await commands.unfollow(db, ann, left)
    await commands.undo(db, ann, await commands.follow(db, ann, left, "muted"))

    for target in (new, left):
        await a_reply(db, target.id, author=ann)
    await drain()

    assert await level(db, ann, new) == ("each", 0)
    assert await level(db, ann, left) == ("none", 0)


async def test_what_one_sees_no_more_is_brought_back_too(db):
    ann, thread = await a_member(db), await a_thread(db)
    target = Target("thread", thread)
    await commands.follow(db, ann, target, "each")
    await run(db, "UPDATE category SET read_by = 'staff'")

    await commands.undo(db, ann, await commands.unfollow(db, ann, target))

    assert await kept(db, ann) == [("thread", thread, "each", None, "chosen")]


async def removed(db, who, target) -> None:
    """What the target leads to is gone for good."""
    if target.kind == "search":
        return await saving.remove(db, who, target.id)
    if target.kind == "person":
        await run(db, "UPDATE member SET state = 'deleted' WHERE id = :id", id=target.id)
    else:
        table = target.kind
        await run(db, "SET LOCAL session_replication_role = replica")
        await run(db, DELETIONS[table], id=target.id)
    return None


DELETIONS = {
    table: f"DELETE FROM {table} WHERE id = :id" for table in ("thread", "product", "topic", "vendor", "category")
}


async def test_nothing_is_brought_back_of_what_is_gone_for_good(db):
    ann = await a_member(db)
    for kind, target in (await things(db, ann)).items():
        if kind == "everything":
            continue
        for before in ("each", "none"):
            await commands.follow(db, ann, target, "web")
            await commands.follow(db, ann, target, "each")
            if before == "each":
                deed = await commands.unfollow(db, ann, target)
            else:
                await commands.unfollow(db, ann, target)
                deed = await commands.follow(db, ann, target, "each")
            async with db.transaction(force_rollback=True):
                await removed(db, ann, target)
                rows_then = await kept(db, ann)
                with pytest.raises(NotFound):
                    await commands.undo(db, ann, deed)
                assert await kept(db, ann) == rows_then


async def test_twice_and_at_the_same_moment_is_once(db):
    ann = await a_member(db)
    await commands.follow(db, ann, ALL, "web")
    deed = await commands.follow(db, ann, ALL, "each")

    answers = await asyncio.gather(*(commands.undo(db, ann, deed) for _ in range(5)), return_exceptions=True)

    assert [type(each) for each in answers if each] == [Invalid] * 4
    assert await level(db, ann, ALL) == ("web", 0)


async def test_what_was_changed_since_stays(db):
    ann = await a_member(db)
    deed = await commands.follow(db, ann, ALL, "each")
    await commands.follow(db, ann, ALL, "digest", 3)

    with pytest.raises(Invalid) as refusal:
        await commands.undo(db, ann, deed)

    assert refusal.value.fields == {"undo": LEFT}
    assert await level(db, ann, ALL) == ("digest", 3)


async def test_guests_undo_nothing_and_what_is_anothers_stays(db):
    ann, bob = await a_member(db), await a_member(db)
    deed = await commands.follow(db, ann, ALL, "each")

    with pytest.raises(Forbidden, match="Sign in"):
        await commands.undo(db, GUEST, deed)
    with pytest.raises(Invalid):
        await commands.undo(db, bob, deed)

    assert await level(db, ann, ALL) == ("each", 0)


async def test_an_undo_that_is_rolled_back_has_brought_back_nothing(db):
    ann = await a_member(db)
    deed = await commands.follow(db, ann, ALL, "each")
    async with db.transaction(force_rollback=True):
        await commands.undo(db, ann, deed)

    assert await level(db, ann, ALL) == ("each", 0)


@pytest.mark.parametrize("reason", ["", "chosen", "preset"])
def test_a_button_carries_a_deed_whole(reason):
    deed = Deed(Target("topic", 7), Level("digest", 3), reason, Level("none"))

    assert Deed.from_parts([str(part) for part in deed.parts]) == deed


def test_where_nothing_was_changed_there_is_nothing_to_carry():
    assert not Deed(ALL, Level("web"), "chosen", Level("web")).parts


async def pressed(web, page: str):
    """The Undo button of that page is pressed; returns the page it leads to, and where that is."""
    ((action, place),) = BUTTON.findall(page)
    answer = await web.post(action, data={"next": place.replace("&amp;", "&")})
    assert answer.status_code == 303
    return (await web.get(answer.headers["location"])).text, answer.headers["location"]


async def test_the_button_on_the_page_of_a_thing_brings_back_its_level_and_leads_to_its_menu(db, web):
    ann = await sign_in_as(web, db, await a_member(db))
    target = (await things(db, ann))["topic"]
    await commands.follow(db, ann, target, "digest", 5)
    answer = await web.post(f"/follow/topic/{target.id}", data={"level": "muted"})

    page, place = await pressed(web, (await web.get(answer.headers["location"])).text)

    assert "Undone: it is as it was." in page
    assert place == f"/topics/wifi?notice=undone#level-topic-{target.id}"
    assert await level(db, ann, target) == ("digest", 5)


async def test_the_button_on_the_page_of_everything_brings_back_the_row_and_leads_to_it(db, web):
    ann = await sign_in_as(web, db, await a_member(db))
    await follows_topics(db, ann, 102)
    await run(db, "INSERT INTO topic (id, slug) OVERRIDING SYSTEM VALUE VALUES (2, 'wifi')")
    later = "/settings/following?kind=topic&after=3"
    answer = await web.post("/follow/topic/2", data={"level": "stop", "next": f"{later}#drop-topic-1"})

    _, place = await pressed(web, (await web.get(answer.headers["location"])).text)

    assert place == f"{later}&notice=undone#drop-topic-2"
    assert len(await kept(db, ann)) == 102


async def test_a_click_that_changes_nothing_offers_no_undo(db, web):
    await sign_in_as(web, db, await a_member(db))
    for is_first in (True, False):
        answer = await web.post("/follow/everything", data={"level": "web"})
        assert ("undo=" in answer.headers["location"]) is is_first


async def test_what_cannot_be_undone_any_more_is_said_on_the_page(db, web):
    ann = await sign_in_as(web, db, await a_member(db))
    answer = await web.post("/follow/everything", data={"level": "web", "next": "/settings/following"})
    page = (await web.get(answer.headers["location"])).text
    await commands.follow(db, ann, ALL, "each")

    page, _ = await pressed(web, page)

    assert LEFT in page
    assert await level(db, ann, ALL) == ("each", 0)


@pytest.mark.parametrize("is_gone", [True, False])
async def test_what_is_gone_is_said_on_a_page_that_is_there_and_what_is_only_hidden_is_brought_back(db, web, is_gone):
    ann = await sign_in_as(web, db, await a_member(db))
    target = Target("thread", await a_thread(db))
    await commands.follow(db, ann, target, "each")
    answer = await web.post(f"/follow/thread/{target.id}", data={"level": "muted"})
    page = (await web.get(answer.headers["location"])).text
    gone = "DELETE FROM thread WHERE id = :id" if is_gone else "UPDATE thread SET deleted_at = now() WHERE id = :id"
    await run(db, gone, id=target.id)

    page, place = await pressed(web, page)

    assert (NOT_THERE in page) is is_gone
    assert ("Undone: it is as it was." in page) is not is_gone
    assert place.startswith("/settings/following?notice=undo-gone" if is_gone else f"/t/{target.id}/")
    assert await level(db, ann, target) == (("muted", 0) if is_gone else ("each", 0))


async def test_only_the_session_that_did_it_undoes_it_and_nobody_makes_buttons_up(db, web):
    ann = await sign_in_as(web, db, await a_member(db))
    await commands.follow(db, ann, ALL, "each")
    answer = await web.post("/follow/everything", data={"level": "web"})
    ((action, _),) = BUTTON.findall((await web.get(answer.headers["location"])).text)
    made_up = "/undo/follow/everything.0.none.0.web.0.-." + "0" * 32
    tampered = action.replace(".each.", ".none.")

    for path in (made_up, tampered, "/undo/follow/x"):
        assert (await web.post(path)).headers["location"] == "/settings/following?notice=not-undone"
    await sign_in_as(web, db, ann)
    assert (await web.post(action)).headers["location"] == "/settings/following?notice=not-undone"

    assert await level(db, ann, ALL) == ("web", 0)
    assert await queries.followed_threads(db, ann) == []


@pytest.mark.parametrize("undo", ["follow/..", "../settings/x", "follow/a/b", "//x.example", "follow/", "-1", "0", "x"])
async def test_an_address_that_offers_to_undo_what_is_no_deed_shows_no_button(db, web, undo):
    await sign_in_as(web, db, await a_member(db))

    page = (await web.get("/settings/following", params={"notice": "saved", "undo": undo})).text

    assert "Saved." in page
    assert "/undo/" not in page


async def test_a_button_of_one_room_undoes_nothing_in_another(db, web):
    ann = await sign_in_as(web, db, await a_member(db))
    await commands.follow(db, ann, ALL, "each")
    answer = await web.post("/follow/everything", data={"level": "web"})
    ((action, _),) = BUTTON.findall((await web.get(answer.headers["location"])).text)

    answer = await web.post(action.replace("/undo/follow/", "/undo/told/"))

    assert answer.status_code == 303
    assert answer.headers["location"] == "/notifications?notice=not-undone"


async def test_an_undo_brings_nobody_over_the_most_that_one_may_follow(db, monkeypatch):
    monkeypatch.setattr(commands, "MOST_FOLLOWED", 1)
    ann = await a_member(db)
    one, other = Target("thread", await a_thread(db)), Target("thread", await a_thread(db))
    await commands.follow(db, ann, one, "each")
    deed = await commands.unfollow(db, ann, one)
    await commands.follow(db, ann, other, "each")

    with pytest.raises(Invalid):
        await commands.undo(db, ann, deed)
