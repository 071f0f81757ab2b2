"""One-click links: what a link would do, and doing it. Whoever holds the link is believed to be its member for that
one thing, and for nothing else: nobody is signed in by it.
"""

from dataclasses import dataclass

from forum.following import commands as following
from forum.following import softening, wishes
from forum.following.queries import level_of
from forum.following.types import KINDS, Target
from forum.kit.db import Database, value
from forum.kit.errors import NotFound
from forum.kit.tools import Tools
from forum.mail import addresses
from forum.mail.addresses import Click
from forum.members import queries as members
from forum.members.types import Actor

PAUSE_DAYS = 14
# No name of what is followed stands here: a mail that is passed on takes its links along.
THINGS = {
    "thread": "about this thread",
    "person": "about what this person writes",
    "search": "about what this saved search finds",
    "product": "about this product",
    "topic": "about this topic",
    "vendor": "about this vendor",
    "category": "about this category",
    "everything": "from following everything",
    "mentions": "where you are mentioned",
}


@dataclass(frozen=True)
class Meaning:
    """What a link does, in words. will: for its button; done: when it was done."""

    title: str
    will: str
    done: str


async def read(tools: Tools, signed: str) -> Click:
    """What the link does. Raises NotFound for any that was not made here, or is worth nothing any more."""
    key = await addresses.known_secret(tools)
    click = addresses.read_click(key, signed) if key else None
    if click is None or not (click.kind in THINGS or click.kind in ("all", "digest")):
        raise NotFound
    is_good = await value(
        tools.db,
        """
        SELECT coalesce(w.links_made_at, 'epoch') <= to_timestamp(CAST(:made_at AS float))
        FROM member m LEFT JOIN mail_wish w ON w.member_id = m.id
        WHERE m.id = :member_id AND m.state = 'active'
        """,
        made_at=float(click.made_at + 1),  # of a second that has begun
        member_id=click.member_id,
    )
    if not is_good:
        raise NotFound
    return click


def meaning(click: Click) -> Meaning:
    """What to say of it."""
    if click.act == "pause":
        return Meaning("Pause all mail", "Pause for two weeks", "No mail comes for two weeks.")
    if click.kind == "all" and click.act == "stop":
        return Meaning("Stop all mail", "Stop all mail", "No mail of what you follow comes any more.")
    if click.kind in ("all", "digest"):
        if click.act == "stop":
            return Meaning("Stop digests", "Stop digests", "No digests come any more.")
        return Meaning("A digest once a week", "Once a week instead", "From now on a digest comes once a week.")
    thing = THINGS[click.kind]
    if click.act == "weekly":
        done = f"What is new {thing} comes in a digest once a week."
        return Meaning("A digest once a week", "Once a week instead", done)
    done = f"No mail {thing} comes any more. You still find it on the site."
    return Meaning(f"Stop mail {thing}", "Stop it", done)


async def act(db: Database, click: Click) -> None:
    """Do it, at once; twice is once. Links to sign in and notices about the account are mailed all the same."""
    actor = await members.actor(db, click.member_id)
    if click.act == "pause":
        await wishes.pause(db, actor, PAUSE_DAYS)
    elif click.kind in KINDS:
        await _change(db, actor, Target(click.kind, click.target_id), click.act)
    elif click.kind == "mentions":
        await softening.mentions_at(db, actor, "digest" if click.act == "weekly" else "web")
    elif click.act == "weekly":
        await softening.weekly_instead(db, actor, with_each=click.kind == "all")
    elif click.kind == "digest":
        await softening.no_digests(db, actor)
    else:
        await wishes.stop_all(db, actor)


async def _change(db: Database, actor: Actor, target: Target, act: str) -> None:
    """What is not followed, or at less already, stays so; a thread may be heard of for other reasons, and is set."""
    now = await level_of(db, actor, target)
    if now.name in ("web", "muted") or (now.name == "none" and target.kind != "thread"):
        return
    try:
        if act == "weekly":
            await following.follow(db, actor, target, "digest", max(7, now.every_days))
        else:
            await following.follow(db, actor, target, "web")
    except NotFound:  # it is gone, and so is its mail
        return
