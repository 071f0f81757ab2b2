"""What is new for a member belongs to them: exported, handed over, forgotten."""

from forum.kit.db import run
from forum.notifications.account import HOLDING
from tests.factories import a_category, a_member, a_thread
from tests.notifications.scenes import a_told_reply, follows_thread, kept, sees


async def told_of(tools, member, thread) -> None:
    await follows_thread(tools.db, member, thread)
    await a_told_reply(tools, thread)


async def test_the_export_holds_what_may_still_be_read(db, tools):
    ann = await a_member(db)
    closed = await a_category(db)
    await told_of(tools, ann, await a_thread(db, title="What may be read by all?"))
    await told_of(tools, ann, await a_thread(db, title="What is closed by now?", category=closed))
    await run(db, "UPDATE category SET is_hidden = true WHERE slug = :closed", closed=closed)

    exported = await HOLDING.export(db, ann)

    assert [(row["title"], row["reason"]) for row in exported["notifications"]] == [
        ("What may be read by all?", "thread")
    ]


async def test_they_go_over_and_of_two_about_one_thread_one_stays_open(db, tools):
    ann, other = await a_member(db), await a_member(db)
    both, its = await a_thread(db), await a_thread(db, title="Only of the other account?")
    await follows_thread(db, ann, both)
    await told_of(tools, other, both)
    await told_of(tools, other, its)

    async with db.transaction():
        await HOLDING.hand_over(db, other.id, ann.id)

    assert {member for member, *_ in await kept(db)} == {ann.id}
    assert len(await sees(db, ann)) == 2


async def test_they_are_forgotten_with_the_account(db, tools):
    for removes in (False, True):
        ann = await a_member(db)
        await told_of(tools, ann, await a_thread(db))

        await HOLDING.forget(db, ann.id, removes)

        assert await kept(db) == []
