"""What is so already: why a one-click link would change nothing, and why no mail comes whatever it does."""

from datetime import UTC, datetime, timedelta

from forum.following import softening, wishes
from forum.following.queries import level_of
from forum.following.things import THINGS
from forum.following.types import Level, Target, Wishes
from forum.kit.db import Database
from forum.mail.addresses import Click
from forum.mail.digests.previewing import NO_BLOCKS
from forum.members import queries as members
from forum.members.types import Actor

PAUSE_DAYS = 14
WEEK = 7
NO_MAIL = "You get no email {thing}{but}. This changes nothing."
NO_DIGESTS = "You get no digests. This changes nothing."
NO_LESS = "You get {what} at most once a week already, so this changes nothing."
WOULD_BE_NO_LESS = "You would get {what} at most once a week anyway, so this changes nothing."  # where no mail comes
STOPPED = "You get no {what} already{but}, so this changes nothing."
# No name of what is followed stands here: a mail that is passed on takes its links along.
ABOUT = {kind: f"about {thing.it}" for kind, thing in THINGS.items()} | {
    "person": "about what this person writes",
    "search": "about this saved search",
    "everything": "from following everything",
    "mentions": "about mentions of you",
}
ALL, ABOUT_THIS, A_DIGEST = "about what you follow", "email about this", "a digest"
UNLESS_MENTIONED = ", unless somebody mentions you there"


def is_of_all(click: Click) -> bool:
    """Whether it silences all mail, for a while or for good."""
    return click.act == "pause" or (click.act == "stop" and click.kind == "all")


async def standing(db: Database, click: Click) -> tuple[str, str]:
    """Before it is done: why a link would change nothing, "" where it would; and why no mail comes all the same."""
    wished = await wishes.wishes(db, click.member_id)
    silence = wished.silence(wishes.break_day())
    if is_of_all(click):
        is_so = wished.stops_all or (click.act == "pause" and _is_paused(wished))
        return (f"{silence.rstrip('.')} already, so this changes nothing.", "") if is_so else ("", silence)
    actor = await members.actor(db, click.member_id)
    if click.act == "stop":
        return await _stopped(db, actor, click), silence
    silence = silence or ("" if wished.blocks else NO_BLOCKS)
    return await _no_less(db, actor, click, WOULD_BE_NO_LESS if silence else NO_LESS), silence


def _is_paused(wished: Wishes) -> bool:
    """For as long as a break of now would last."""
    until = datetime.now(UTC).date() + timedelta(PAUSE_DAYS)
    return wished.paused_until is not None and wished.paused_until >= until


async def _stopped(db: Database, actor: Actor, click: Click) -> str:
    what, but = f"email {ABOUT.get(click.kind, ALL)}", ""
    if click.kind in THINGS:
        now = await level_of(db, actor, Target(click.kind, click.target_id))
        is_so, but = not is_heard_by_mail(now, click.kind), _but(click.kind, now)
    elif click.kind == "mentions":
        is_so = not await softening.hears_mentions(db, actor, "each", "digest")
    else:
        is_so, what = not await softening.hears_digests(db, actor), "digests"
    return STOPPED.format(what=what, but=but) if is_so else ""


async def _no_less(db: Database, actor: Actor, click: Click, words: str) -> str:
    if click.kind in THINGS:
        now = await level_of(db, actor, Target(click.kind, click.target_id))
        return _no_less_of(click.kind, now, words.format(what=ABOUT_THIS))
    if click.kind == "mentions":
        if await softening.hears_mentions(db, actor, "each"):
            return ""
        is_heard = await softening.hears_mentions(db, actor, "digest")
        return words.format(what=ABOUT_THIS) if is_heard else _no_mail(ABOUT["mentions"])
    is_all = click.kind == "all"
    if await softening.hears_more(db, actor, with_each=is_all):
        return ""
    if await softening.hears_digests(db, actor, with_threads=is_all):
        return words.format(what=A_DIGEST)
    return _no_mail(ALL) if is_all else NO_DIGESTS


def _no_less_of(kind: str, now: Level, words: str) -> str:
    if not is_heard_by_mail(now, kind):
        return _no_mail(ABOUT[kind], _but(kind, now))
    return words if now.name == "digest" and now.every_days >= WEEK else ""


def _no_mail(thing: str, but: str = "") -> str:
    return NO_MAIL.format(thing=thing, but=but)


def _but(kind: str, now: Level) -> str:
    return UNLESS_MENTIONED if kind == "thread" and now.name != "muted" else ""


def is_heard_by_mail(level: Level, kind: str) -> bool:
    """A thread that is not followed may be heard of for other reasons."""
    return level.name not in ("web", "muted") and (level.name != "none" or kind == "thread")
