"""The world the walkers walk through: every kind of thing, in categories open to some and closed to others."""

from forum.audit.commands import record
from forum.audit.types import Act
from forum.districts.commands import add_district
from forum.events import commands as events
from forum.kit.db import Database, run, value
from forum.members import joining, sign_in
from forum.members.queries import actor
from forum.members.types import Actor, JoinDraft
from forum.threads import accept, delete, edit
from forum.threads.types import EditDraft
from forum.votes import commands as votes
from tests.events.scenes import an_event, facts
from tests.factories import a_category, a_group, a_member, a_reply, a_thread, post_id
from tests.walker import things
from tests.walker.people import Walker

ROOMS = {
    "lobby": {"read_by": "everyone", "lets_vendors_in": True},
    "desk": {"read_by": "members"},
    "porch": {"read_by": "members"},
    "circle-room": {"read_by": "groups"},
    "back-office": {"read_by": "staff"},
    "vault": {"read_by": "staff", "seen_by": "everyone"},
    "loft": {"read_by": "staff", "seen_by": "members"},
    "attic": {"read_by": "staff", "is_hidden": True},
    "cellar": {"read_by": "groups", "seen_by": "everyone"},  # nothing is in it
}


async def people(db: Database) -> dict[str, Walker]:
    """Who walks, by name; the categories are there."""
    circle = await a_group(db)
    for slug, rights in ROOMS.items():
        groups = [circle] if rights["read_by"] == "groups" else []
        await a_category(db, slug=slug, description="What it is for", ask_template="Ask so", groups=groups, **rights)
    district = await add_district(db, "Pine", enrolment=4100, state="Maine", domains=("pine.example",))
    members = {
        "newcomer": await a_member(db),
        "member": await a_member(db, district_id=district),
        "insider": await a_member(db, groups=["circle"]),
        "vendor": await a_member(db, role="vendor"),
        "moderator elsewhere": await a_member(db, moderates=["porch"]),
        "moderator": await a_member(db, moderates=["back-office", "circle-room"]),
        "administrator": await a_member(db, role="admin"),
        "suspended": await a_member(db, groups=["circle"], moderates=["back-office"]),
    }
    actors = {
        name: Walker(name, a.id, a.role, a.groups, a.moderates, is_out=name == "suspended")
        for name, a in members.items()
    }
    return {"guest": Walker("guest"), **actors}


async def build(db: Database, who: dict[str, Walker]) -> None:
    """Threads, posts and all that hangs on them, in every category."""
    writer = await a_member(db, name="Writer", moderates=list(ROOMS), groups=["circle"])
    for slug in set(ROOMS) - {"cellar"}:
        await run(db, "UPDATE category SET is_hidden = false WHERE slug = :slug", slug=slug)
        await _threads(db, slug, writer)
        await run(
            db, "UPDATE category SET is_hidden = :is_hidden WHERE slug = :slug", slug=slug, is_hidden=slug == "attic"
        )
    asked = await a_thread(db, category="desk", author=await actor(db, who["member"].member_id))
    await a_reply(db, asked, author=writer)
    await _waiting(db, who["administrator"].member_id)
    await _sanctions(db, who)
    await _mails(db, writer.id)
    ids = {name: w.member_id for name, w in who.items()}
    for slug in ("desk", "back-office"):
        await things.in_category(db, slug, ids)
    await things.of_members(db, ids)
    await things.of_the_site(db, ids)
    await things.of_products(db, ids)
    await things.of_reviews(db, ids)
    await things.of_moves(db, ids)
    await things.of_owners(db, ids)
    await things.of_contracts(db, ids)
    await things.of_rounds(db, ids)
    await things.of_searches(db, ids)
    await things.of_following(db, ids)
    await things.of_mail(db, ids)
    await _not_for_all(db, writer)
    asked = await a_thread(db, category="lobby", author=writer, title="Why is northgate slow today?")
    await a_reply(db, asked, author=await actor(db, who["vendor"].member_id))
    await things.of_notifications(db, [writer.id, *(w.member_id for w in who.values() if w.member_id)])
    for walker in who.values():
        if walker.member_id:
            await _draft(db, walker.member_id)


async def _threads(db, slug, writer) -> None:
    thread = await a_thread(db, category=slug, author=writer, topics=f"topic-of-{slug}")
    answer = await a_reply(db, thread, author=writer)
    await accept.accept(db, writer, answer)
    gone = await a_reply(db, thread, author=writer)
    await delete.delete(db, writer, gone, "Posted twice")
    if slug == "desk":
        await votes.vote(db, await a_member(db), answer, is_helpful=True)
    first = await post_id(db, thread)
    await run(db, "UPDATE post SET created_at = now() - interval '1 hour' WHERE id = :id", id=first)
    await edit.edit(db, writer, first, EditDraft("Another text", "Clearer", 1, "A clearer title of this", "renewals"))
    for is_kept in (True, False):
        event = await an_event(db, author=writer, category=slug, place="Room 4")
        await events.change(db, writer, event, facts(place="Room 5"), 1)
        await events.come(db, await a_member(db, moderates=[slug]), event, is_coming=True)
        if not is_kept:
            await delete.delete(db, writer, await post_id(db, event), "Not for here")
    deleted = await a_thread(db, category=slug, author=writer)
    await delete.delete(db, writer, await post_id(db, deleted), "Not for here")


async def _not_for_all(db: Database, writer: Actor) -> None:
    """Where vendors and guests read: threads that keep vendors out, and the room of each vendor's product."""
    for vendor in (None, "northgate", "beacon"):
        topic = f"topic-of-{vendor or 'members'}"
        thread = await a_thread(db, category="lobby", author=writer, topics=topic, keeps_vendors_out=vendor is None)
        sql = "UPDATE thread SET vendor_id = (SELECT v.id FROM vendor v WHERE v.name = :vendor) WHERE id = :id"
        await run(db, sql, vendor=vendor, id=thread)
        await a_reply(db, thread, author=writer)
        await record(db, writer.id, Act("thread.locked", "thread", thread, await _lobby(db), is_public=True))


async def _lobby(db: Database) -> int:
    return await value(db, "SELECT c.id FROM category c WHERE c.slug = 'lobby'")


async def _waiting(db: Database, admin_id: int) -> None:
    await joining.ask_to_join(
        db, JoinDraft("Hopeful Person", "Technician", "hopeful@elsewhere.example", None, "Please")
    )
    await run(db, "INSERT INTO invitation (address, invited_by) VALUES ('invited@elsewhere.example', :id)", id=admin_id)
    await sign_in.send_link(db, "person1@district.example")
    await sign_in.issue_link(db, "sign-in", "person1@district.example", hours=1)


async def _sanctions(db: Database, who: dict[str, Walker]) -> None:
    member_id, admin_id = who["suspended"].member_id, who["administrator"].member_id
    await run(
        db,
        "UPDATE member SET state = 'suspended', suspension_reason = 'Why', suspended_until = now() + interval '9 days' "
        "WHERE id = :id",
        id=member_id,
    )
    for slug in ("lobby", "back-office"):
        category_id = await value(db, "SELECT c.id FROM category c WHERE c.slug = :slug", slug=slug)
        await run(
            db,
            "INSERT INTO silence (member_id, category_id, until, reason) "
            "VALUES (:member_id, :category_id, now() + interval '3 days', 'Why')",
            member_id=who["newcomer"].member_id,
            category_id=category_id,
        )
        for is_public in (True, False):
            act = Act("thread.locked", "category", category_id, category_id, reason="Why", is_public=is_public)
            await record(db, admin_id, act)


async def _mails(db: Database, member_id: int) -> None:
    desk = await value(db, "SELECT c.id FROM category c WHERE c.slug = 'desk'")
    conversation = await value(db, "INSERT INTO mail_conversation (category_id) VALUES (:desk) RETURNING id", desk=desk)
    for sql in (
        "INSERT INTO mail_known_id (category_id, message_id, conversation_id) VALUES (:desk, 'a@b', :conversation)",
        """
        INSERT INTO mail_message (category_id, conversation_id, message_id, content_hash, reference_ids, sent_at,
            author_key, author_name, author_address, title, subject_key, is_orphan, raw, source, html)
        VALUES (:desk, :conversation, 'a@b', '', '{}', now(), 'k', 'n', 'a', 't', 's', false, '', 's', 'h')
        """,
    ):
        await run(db, sql, desk=desk, conversation=conversation)
    await run(db, "INSERT INTO mail_list_address (category_id, address) VALUES (:desk, 'list@b')", desk=desk)
    await run(db, "INSERT INTO mail_author (key, member_id) VALUES ('name:1:writer', :id)", id=member_id)


async def _draft(db: Database, member_id: int) -> None:
    await run(
        db,
        "INSERT INTO draft (member_id, key, fields) VALUES (:id, 'ask', CAST('{}' AS jsonb))",
        id=member_id,
    )
