"""One-click links: what a link would do, and doing it. Whoever holds the link is believed to be its member for that
one thing, and for nothing else: nobody is signed in by it.
"""

from dataclasses import dataclass

from forum.following import commands as following
from forum.following import softening, wishes
from forum.following.queries import level_of
from forum.following.things import THINGS
from forum.following.types import Level, Target
from forum.kit.db import Database, value
from forum.kit.errors import NotFound
from forum.kit.tools import Tools
from forum.mail import addresses
from forum.mail.addresses import Click
from forum.mail.digests.previewing import NO_BLOCKS
from forum.members import queries as members
from forum.members.types import Actor

PAUSE_DAYS = 14
WEEK = 7
NO_MAIL = "You get no email {thing}{but}. This changes nothing."
UNLESS_MENTIONED = ", unless somebody mentions you there"
NO_DIGESTS = "You get no digests. This changes nothing."
NO_LESS = "You get {what} at most once a week already, so this changes nothing."
WOULD_BE_NO_LESS = "You would get {what} at most once a week anyway, so this changes nothing."  # where no mail comes
MARKS = ".,;:>)]\"'"
# No name of what is followed stands here: a mail that is passed on takes its links along.
ABOUT = {kind: f"about {thing.it}" for kind, thing in THINGS.items()} | {
    "person": "about what this person writes",
    "search": "about this saved search",
    "everything": "from following everything",
    "mentions": "about mentions of you",
}
ALL, ABOUT_THIS, A_DIGEST = "about what you follow", "email about this", "a digest"


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


async def standing(db: Database, click: Click) -> tuple[str, str]:
    """Before it is done: why a link for fewer mails would change nothing, "" where it would; and why no mail comes,
    which outlasts a shorter break.
    """
    if click.act not in ("weekly", "pause"):
        return "", ""
    wished = await wishes.wishes(db, click.member_id)
    silence = wished.silence(wishes.break_day())
    if click.act == "pause":
        return "", silence
    silence = silence or ("" if wished.blocks else NO_BLOCKS)
    actor = await members.actor(db, click.member_id)
    return await _no_less(db, actor, click, wished.mentioned, WOULD_BE_NO_LESS if silence else NO_LESS), silence


async def _no_less(db: Database, actor: Actor, click: Click, mentioned: str, words: str) -> str:
    if click.kind in THINGS:
        now = await level_of(db, actor, Target(click.kind, click.target_id))
        return _no_less_of(click.kind, now, words.format(what=ABOUT_THIS))
    if click.kind == "mentions":
        return {"each": "", "digest": words.format(what=ABOUT_THIS)}.get(mentioned, _no_mail(ABOUT["mentions"]))
    is_all = click.kind == "all"
    if await softening.hears_more(db, actor, with_each=is_all):
        return ""
    if await softening.hears_digests(db, actor, with_threads=is_all):
        return words.format(what=A_DIGEST)
    return _no_mail(ALL) if is_all else NO_DIGESTS


def _no_less_of(kind: str, now: Level, words: str) -> str:
    if not _is_heard_by_mail(now, kind):
        return _no_mail(ABOUT[kind], UNLESS_MENTIONED if kind == "thread" and now.name != "muted" else "")
    return words if now.name == "digest" and now.every_days >= WEEK else ""


def _no_mail(thing: str, but: str = "") -> str:
    return NO_MAIL.format(thing=thing, but=but)


def _is_heard_by_mail(level: Level, kind: str) -> bool:
    """A thread that is not followed may be heard of for other reasons."""
    return level.name not in ("web", "muted") and (level.name != "none" or kind == "thread")


async def act(db: Database, click: Click) -> None:
    """Do it, at once; twice is once. Links to sign in and notices about the account are mailed all the same."""
    actor = await members.actor(db, click.member_id)
    if click.act == "pause":
        await wishes.pause(db, actor, PAUSE_DAYS)
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
    if not _is_heard_by_mail(now, target.kind):
        return
    try:
        if act == "weekly":
            await following.follow(db, actor, target, "digest", max(WEEK, now.every_days))
        else:
            await following.follow(db, actor, target, "web")
    except NotFound:  # it is gone, and so is its mail
        return
