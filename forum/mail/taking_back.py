"""Taking back what a one-click link did: the page that says it is done carries that in a button, sealed."""

from collections.abc import Sequence

from forum.following import softened
from forum.following.softened import Softened
from forum.following.things import THINGS
from forum.kit import receipts
from forum.kit.db import value
from forum.kit.errors import NOTHING_LEFT, Invalid, NotFound
from forum.kit.tools import Tools
from forum.mail import addresses
from forum.mail.addresses import Click
from forum.mail.already import is_of_all
from forum.mail.unsubscribing import Outcome, require_worth
from forum.members import queries as members

LASTS_HOURS = 24  # shorter than receipts are kept
SECOND = 1_000_000


def told(outcome: Outcome, click: Click) -> tuple[Sequence[str], str]:
    """What a link changed of many things, in lines; and a sentence where changes of events are no longer mailed."""
    if outcome.deed is None:
        return (), ""
    lines = () if click.kind in THINGS or is_of_all(click) else outcome.deed.told()
    events = [_coming(outcome.telling)] if outcome.telling > 0 else []
    if outcome.deed.wished.get("replying", ("", ""))[1] == "web":
        events.append("events you say you will come to from now on")
    until = "Until then, no" if click.act == "pause" else "No"
    return (
        lines,
        f"{until} email tells you when these are moved or canceled: {', and '.join(events)}." if events else "",
    )


def _coming(count: int) -> str:
    return f"{'one event' if count == 1 else f'{count:,} events'} you are coming to"


async def offered(tools: Tools, deed: Softened | None) -> str:
    """What the button carries of a deed, "" for no button."""
    return addresses.sealed_deed(await addresses.secret(tools), deed.packed().encode()) if deed else ""


async def take_back(tools: Tools, text: str) -> bool:
    """Take back what the button carries, once. Returns whether all is as before; what was changed since stays.

    Raises NotFound for what was not made here, or is worth nothing any more, Invalid where nothing is left of it.
    """
    deed = await _read(tools, text)
    async with tools.db.transaction():
        if not await receipts.is_first(tools.db, text):
            raise Invalid(undo=NOTHING_LEFT)
        return await softened.take_back(tools.db, await members.actor(tools.db, deed.member_id), deed)


async def _read(tools: Tools, text: str) -> Softened:
    key = await addresses.known_secret(tools)
    words = addresses.read_deed(key, text) if key else None
    if words is None:
        raise NotFound
    deed = Softened.unpacked(words.decode())
    await require_worth(tools.db, deed.member_id, deed.moment / SECOND)
    lasts = "SELECT to_timestamp(CAST(:at AS float)) > now() - CAST(:hours AS integer) * interval '1 hour'"
    if not await value(tools.db, lasts, at=deed.moment / SECOND, hours=LASTS_HOURS):
        raise NotFound
    return deed
