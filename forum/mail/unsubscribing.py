"""One-click links: what a link would do, and doing it. Whoever holds the link is believed to be its member for that
one thing, and for nothing else: nobody is signed in by it.
"""

from dataclasses import dataclass

from forum.following import commands as following
from forum.following import softening, wishes
from forum.following.queries import level_of
from forum.following.softened import Softened, softened
from forum.following.things import THINGS
from forum.following.types import Target
from forum.kit.db import Database, value
from forum.kit.errors import NotFound
from forum.kit.tools import Tools
from forum.mail import addresses, already
from forum.mail.addresses import Click
from forum.mail.already import ABOUT, UNLESS_MENTIONED
from forum.mail.changing import telling
from forum.members import queries as members
from forum.members.types import Actor

MARKS = ".,;:>)]\"'"


@dataclass(frozen=True)
class Meaning:
    """What a link does, in words. will: for its button; done: when it was done."""

    title: str
    will: str
    done: str


async def read(tools: Tools, signed: str) -> Click:
    """What the link does. Raises NotFound for any that was not made here, or is worth nothing any more.

    Mail programs take the mark that follows a link for a part of it.
    """
    key = await addresses.known_secret(tools)
    click = addresses.read_click(key, signed.rstrip(MARKS)) if key else None
    if click is None or not (click.kind in ABOUT or click.kind in ("all", "digest")):
        raise NotFound
    await require_worth(tools.db, click.member_id, click.made_at + 1)  # of a second that has begun
    return click


async def require_worth(db: Database, member_id: int, made_at: float) -> None:
    """Raises NotFound where links of the member that were made then, in seconds since 1970, are worth nothing."""
    is_worth = await value(
        db,
        """
        SELECT coalesce(w.links_made_at, 'epoch') <= to_timestamp(CAST(:made_at AS float))
        FROM member m LEFT JOIN mail_wish w ON w.member_id = m.id
        WHERE m.id = :member_id AND m.state = 'active'
        """,
        made_at=float(made_at),
        member_id=member_id,
    )
    if not is_worth:
        raise NotFound


def meaning(click: Click) -> Meaning:
    """What to say of it."""
    if click.act == "pause":
        return Meaning("Pause all email", "Pause for two weeks", "You get no email for two weeks.")
    if click.kind == "all" and click.act == "stop":
        return Meaning("Stop all email", "Stop all email", "You get no more email about what you follow.")
    if click.kind in ("all", "digest"):
        if click.act == "stop":
            return Meaning("Stop digests", "Stop digests", "You get no more digests.")
        return Meaning("Weekly digest", "Weekly digest instead", "You get a digest once a week from now on.")
    thing = ABOUT[click.kind]
    if click.act == "weekly":
        done = f"You get what is new {thing} in a weekly digest."
        return Meaning("Weekly digest", "Weekly digest instead", done)
    but = UNLESS_MENTIONED if click.kind == "thread" else ""
    done = f"You get no more email {thing}{but}. You still find it on the site."
    return Meaning(f"Stop email {thing}", "Stop it", done)


@dataclass(frozen=True)
class Outcome:
    """What came of a link. no_less, silence: as of `already.standing`; deed: what it changed, None for nothing.

    telling: of how many events that its member comes to they are not told by email any more when these change.
    """

    no_less: str
    silence: str
    deed: Softened | None = None
    telling: int = 0


async def act(db: Database, click: Click) -> Outcome:
    """Do it, unless it is so already. Links to sign in and notices about the account are mailed all the same."""
    async with db.transaction():
        await members.hold(db, click.member_id)
        no_less, silence = await already.standing(db, click)
        if no_less:
            return Outcome(no_less, silence)
        actor = await members.actor(db, click.member_id)
        before = await telling(db, actor.id or 0)
        deed = await softened(db, actor, lambda: _act(db, actor, click))
        told_less = before - await telling(db, actor.id or 0)
    return Outcome("", "" if already.is_of_all(click) else silence, deed if len(deed) else None, told_less)


async def _act(db: Database, actor: Actor, click: Click) -> None:
    if click.act == "pause":
        await wishes.pause(db, actor, already.PAUSE_DAYS)
    elif click.kind in THINGS:
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
    if not already.is_heard_by_mail(now, target.kind):
        return
    try:
        if act == "weekly":
            await following.follow(db, actor, target, "digest", max(already.WEEK, now.every_days))
        else:
            await following.follow(db, actor, target, "web")
    except NotFound:  # it is gone, and so is its mail
        return
