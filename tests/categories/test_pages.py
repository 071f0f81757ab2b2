"""The page of all categories, and the order they stand in."""

from forum.categories import commands
from forum.categories.queries import categories, room
from forum.members.types import GUEST
from tests.factories import a_category, a_group, a_member, sign_in_as


async def test_children_stand_behind_their_parents_one_level_in(db):
    for slug, parent in (("help", None), ("news", None), ("help-phones", "help"), ("help-mail", "help")):
        await a_category(db, slug=slug, parent=parent, read_by="everyone")

    found = await categories(db, GUEST)

    assert [(each.slug, each.depth) for each in found] == [
        ("help", 0),
        ("help-phones", 1),
        ("help-mail", 1),
        ("news", 0),
    ]


async def test_the_page_shows_what_its_reader_may_read(db, web):
    await a_category(db, name="Open hall", description="For <everyone>.", read_by="everyone")
    await a_category(db, name="Members' room")
    await a_category(db, name="Staff office", read_by="staff")

    page = (await web.get("/c")).text
    assert "Open hall" in page
    assert "For &lt;everyone&gt;." in page
    assert "Members&#39; room" not in page
    assert "Staff office" not in page

    await sign_in_as(web, db, await a_member(db))
    page = (await web.get("/c")).text
    assert "Members&#39; room" in page
    assert "Staff office" not in page


async def test_a_room_knows_its_groups_and_moderators(db):
    group = await a_group(db)
    slug = await a_category(db, reply_by="groups", start_by="groups", groups=[group], ask_template="Which device?")
    ann = await a_member(db, name="Ann Lee", moderates=[slug])
    for _ in range(2):
        await commands.add_moderator(db, slug, ann.id)

    found = await room(db, ann, slug)

    assert list(found.reply_groups) == list(found.start_groups) == [group]
    assert list(found.moderators) == ["Ann Lee"]
    assert found.ask_template == "Which device?"
    assert found.starting.groups == frozenset([group])
