"""What the people one can be in the demo follow, and when it is quiet."""

from dataclasses import replace
from datetime import timedelta

from forum.demo.settling import Ground
from forum.following import commands, quiet, wishes
from forum.following.quiet import QuietDraft
from forum.following.seed import follow_written
from forum.following.types import Target, Wishes
from forum.kit.db import Database, value
from forum.members.queries import actor

# Who follows what: kind, its name, level, and every how many days a digest of it comes.
FOLLOWED = {
    "maya.okafor": (
        ("topic", "renewals", "each", 0),
        ("topic", "security-funding", "digest", 7),
        ("topic", "wifi", "muted", 0),
        ("product", "northgate-filter", "digest", 1),
        ("category", "e-rate", "digest", 1),
        ("person", "priya.nair", "web", 0),
    ),
    "omar.haddad": (
        ("category", "help", "each", 0),
        ("category", "security", "each", 0),
        ("everything", "", "digest", 1),
    ),
    "ines.varga": (("everything", "", "web", 0), ("category", "announcements", "each", 0)),
    "ben.lindqvist": (("topic", "network", "digest", 7),),
    "tess.halloran": (("product", "northgate-filter", "each", 0), ("vendor", "northgate-networks", "digest", 1)),
}
IDS = {
    "topic": "SELECT o.id FROM topic o WHERE o.slug = :name",
    "product": "SELECT pr.id FROM product pr WHERE pr.slug = :name",
    "category": "SELECT c.id FROM category c WHERE c.slug = :name",
    "vendor": "SELECT v.id FROM vendor v WHERE v.slug = :name",
    "person": "SELECT m.id FROM member m WHERE m.handle = :name",
}
BREAK = "Winter break"


async def follow(db: Database, ground: Ground) -> None:
    """Add it; the quiet time begins in five weeks."""
    for handle, followed in FOLLOWED.items():
        who = await actor(db, ground.members[handle])
        for kind, name, level, every_days in followed:
            target_id = await value(db, IDS[kind], name=name) if name else 0
            await commands.follow(db, who, Target(kind, target_id), level, every_days)
    await follow_written(db, [ground.members[handle] for handle in FOLLOWED])
    maya = await actor(db, ground.members["maya.okafor"])
    ines = await actor(db, ground.members["ines.varga"])
    said_nothing = Wishes(maya.id or 0)
    wished = replace(said_nothing, replying="digest", time_zone="America/Chicago")
    await wishes.change_wishes(db, maya, said_nothing, wished)
    first = ground.now.date() + timedelta(days=35)
    last = first + timedelta(days=12)
    await quiet.plan(db, ines, QuietDraft(BREAK, first.isoformat(), last.isoformat()))
