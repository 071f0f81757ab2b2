"""Everything that is not for everybody, each under a word of its own; and engines that know more than they should."""

from collections.abc import Sequence
from dataclasses import dataclass

from forum.kit.db import Database, rows, run
from forum.members.types import GUEST, Actor
from forum.search.types import Key, Sought
from tests.factories import a_category, a_group, a_member, a_reply, a_thread, an_admin
from tests.products.catalogue import a_product, a_vendor_account

MISSING = "meerkat"  # the word of what never was
TITLE = "The yearly timetable of the"  # of each thread, before its word
EVERYBODY = {"guest", "suspended", "member", "insider", "vendor", "other vendor", "moderator", "admin"}
MEMBERS = {"member", "insider", "moderator", "admin"}
STAFF = {"moderator", "admin"}
OF_CATEGORY = "WHERE slug = 'room-' || :word"
OF_THREAD = f"WHERE title = '{TITLE} ' || :word"

# For each word what hides it, after it was open to everybody; and who reads it all the same.
HIDDEN: dict[str, tuple[str, set[str]]] = {
    "giraffe": ("SELECT CAST(:word AS text)", EVERYBODY),  # nothing does
    "narwhal": (
        f"UPDATE category SET read_by = 'members', lets_vendors_in = false {OF_CATEGORY}",
        MEMBERS,
    ),
    "wallaby": (
        f"""
        WITH shut AS (UPDATE category SET read_by = 'groups' {OF_CATEGORY} RETURNING id)
        INSERT INTO category_group (category_id, group_id, may)
        SELECT s.id, g.id, 'read' FROM shut s CROSS JOIN member_group g WHERE g.slug = 'circle'
        """,
        {"insider", *STAFF},
    ),
    "quokka": (f"UPDATE category SET read_by = 'staff' {OF_CATEGORY}", STAFF),
    "capybara": (f"UPDATE category SET is_hidden = true {OF_CATEGORY}", set()),
    "pangolin": (f"UPDATE thread SET keeps_vendors_out = true {OF_THREAD}", MEMBERS),
    "axolotl": (
        f"UPDATE thread SET vendor_id = (SELECT v.id FROM vendor v WHERE v.name = 'NorthGate') {OF_THREAD}",
        {"vendor", *MEMBERS},
    ),
    "tapir": (f"UPDATE thread SET deleted_at = now() {OF_THREAD}", set()),
    "ocelot": (
        f"""
        WITH gone AS (DELETE FROM thread {OF_THREAD} RETURNING category_id, author_id, title)
        INSERT INTO held_post (author_id, category_id, kind, title, topics, body, client_key, why)
        SELECT g.author_id, g.category_id, 'question', g.title, 'of-' || :word, g.title, :word, 'first' FROM gone g
        """,
        set(),
    ),
}


@dataclass
class Scene:
    """Who looks for what, and a thread and a product beside which others are shown."""

    people: dict[str, Actor]
    beside: int
    product: str


async def a_scene(db: Database) -> Scene:
    """Everything, open to everybody."""
    await a_group(db)
    product = await a_product(db, "Glowlamp")
    hall = await a_room(db, "hall")
    rooms = {word: await a_room(db, word) if OF_CATEGORY in sql else hall for word, (sql, _) in HIDDEN.items()}
    writer = await a_member(db, name="Writer", moderates=set(rooms.values()))
    for word, slug in rooms.items():
        thread = await a_thread(
            db,
            category=slug,
            author=writer,
            title=f"{TITLE} {word}",
            body=f"Where does the {word} sleep? Not under the Glowlamp.",
            topics=f"of-{word}",
        )
        await a_reply(db, thread, author=writer, body=f"In the {word} house.")
    beside = await a_thread(db, category=hall, title=f"{TITLE} zoo")
    people = {
        "guest": GUEST,
        "member": await a_member(db),
        "insider": await a_member(db, groups=["circle"]),
        "vendor": await a_vendor_account(db, vendor="NorthGate"),
        "other vendor": await a_vendor_account(db, vendor="Beacon"),
        "moderator": await a_member(db, moderates=set(rooms.values())),
        "admin": await an_admin(db),
        "suspended": await a_member(db, groups=["circle"], moderates=set(rooms.values())),
    }
    await run(db, "UPDATE member SET state = 'suspended' WHERE id = :id", id=people["suspended"].id)
    return Scene(people, beside, product)


async def a_room(db: Database, word: str) -> str:
    return await a_category(db, slug=f"room-{word}", name=f"Room {word}", read_by="everyone", lets_vendors_in=True)


async def hide(db: Database) -> None:
    """Take away what is not for everybody."""
    for word, (sql, _) in HIDDEN.items():
        await run(db, sql, word=word)


async def every_key(db: Database, sought: Sequence[Sought]) -> list[list[Key]]:
    """An engine that answers every question with everything there is and has been, whoever asks."""
    found = await rows(
        db,
        """
        SELECT 'post' AS kind, p.id, p.thread_id AS group_id FROM post p
        UNION ALL SELECT 'product', pr.id, 0 FROM product pr
        UNION ALL SELECT 'vendor', v.id, 0 FROM vendor v
        UNION ALL SELECT 'person', m.id, 0 FROM member m
        UNION ALL SELECT 'topic', o.id, 0 FROM topic o
        UNION ALL SELECT 'nonsense', 1, 0
        ORDER BY 1, 2
        """,
    )
    keys = [Key(row["kind"], row["id"], row["group_id"]) for row in found]
    ghosts = [Key("post", 2**40, 2**40), Key("person", 2**40)]
    return [[key for key in (*ghosts, *keys) if key.kind in (*each.kinds, "nonsense")] for each in sought]
