"""Fills the demo's search: what was looked for lately, found and not, and two searches that Maya keeps."""

from forum.demo.settling import Ground
from forum.following import commands as following
from forum.following.types import Target
from forum.kit.db import Database
from forum.members.queries import actor
from forum.search import asking, saving
from forum.search.asked_types import SearchDraft

KEEPER = "maya.okafor"
KEPT = (("filter renewal is:answered", "Before we renew the filter"), ("kind:review classroom management", ""))
# Words, how often they were looked for, and how often nothing was found.
ASKED = (
    ("content filter renewal", 14, 0),
    ("form 470 window", 11, 0),
    ("chromebook repair", 9, 0),
    ("sso for substitutes", 6, 0),
    ("wifi 7", 5, 3),
    ("chromecart", 4, 4),
    ("sub accounts", 4, 2),
    ("powerskool", 2, 2),
)


async def look_for(db: Database, ground: Ground) -> None:
    """Add them; what was asked counts as asked today."""
    maya = await actor(db, ground.members[KEEPER])
    for query, name in KEPT:
        saved_id = await saving.save(db, maya, SearchDraft.from_text(query))
        await saving.rename(db, maya, saved_id, name)
        if name:
            await following.follow(db, maya, Target("search", saved_id), "digest", 1)
    for words, asked, unfound in ASKED:
        for time in range(asked):
            await asking.note_asked(db, words, 0 if time < unfound else 1)
