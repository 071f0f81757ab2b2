"""The form of wishes: what was sent in it, and what it had shown when it was opened."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from urllib.parse import parse_qsl, urlencode

from forum.following.choices import BLOCKS, EVENTS
from forum.following.types import Wishes
from forum.kit.errors import Invalid
from forum.kit.forms import Form

TICKED = ("keeps_quiet", "stops_all", "mails_read")
PLACES = {block: f"place_{block}" for block in BLOCKS}
# Last are those of which no choice is the beginning of another: what was cut off anywhere is noticed.
WISH_FIELDS = ("hour", "time_zone", "paused_until", *TICKED, *PLACES.values(), *EVENTS)
MOST_SHOWN = 1000
INCOMPLETE = "This form came in incomplete, so nothing was saved. Below is what holds now: change it, and save again."


def wishes_from_form(form: Form, before: Wishes) -> Wishes:
    """With the break of `before`, which are those that the form showed. Raises Invalid for what is no number."""
    return Wishes(
        member_id=before.member_id,
        asking=form.get("asking", ""),
        replying=form.get("replying", ""),
        mentioned=form.get("mentioned", ""),
        days=tuple(sorted(set(form.ids("days")))),
        hour=-1 if (hour := form.whole("hour")) is None else hour,
        time_zone=form.get("time_zone", "").strip(),
        blocks=_in_order({block: form.whole(name) or 0 for block, name in PLACES.items()}, before.blocks),
        keeps_quiet=form.flag("keeps_quiet"),
        paused_until=before.paused_until,
        stops_all=form.flag("stops_all"),
        mails_read=form.flag("mails_read"),
    )


def _in_order(places: Mapping[str, int], before: Sequence[str]) -> tuple[str, ...]:
    """The blocks by their places; of two with one place, whichever moved there has it, and the other makes room."""

    def place(block: str) -> tuple[int, int]:
        wanted, had = places[block], before.index(block) + 1 if block in before else len(BLOCKS) + 1
        return wanted, (wanted > had) - (wanted < had)

    return tuple(sorted((block for block in places if places[block]), key=place))


def break_from_form(form: Form) -> date | None:
    """The first day with mail again, None for no break. Raises Invalid for what is no day."""
    text = form.get("paused_until", "")
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid(paused_until="Enter a day as 2027-01-31, or leave it empty.") from None


def as_shown(wishes: Wishes) -> str:
    """What the form sends of these wishes if nobody touches it: it carries this along, in its field `shown`."""
    told = {name: getattr(wishes, name) for name in (*EVENTS, "hour", "time_zone")}
    told |= {name: "1" if getattr(wishes, name) else "" for name in TICKED}
    told |= {name: wishes.blocks.index(block) + 1 if block in wishes.blocks else 0 for block, name in PLACES.items()}
    told["paused_until"] = wishes.paused_until or ""
    return urlencode([*(("days", day) for day in sorted(wishes.days)), *((name, told[name]) for name in WISH_FIELDS)])


def wishes_shown(form: Form, member_id: int) -> Wishes:
    """What `as_shown` made the form's field `shown` of. Raises Invalid for anything else."""
    text = form.get("shown", "")
    try:
        shown = Form(parse_qsl(text[:MOST_SHOWN], keep_blank_values=True))
        wishes = replace(wishes_from_form(shown, Wishes(member_id)), paused_until=break_from_form(shown))
        replace(wishes, paused_until=None).check(date.max)
    except (Invalid, ValueError):
        raise Invalid(how=INCOMPLETE) from None
    if as_shown(wishes) != text:
        raise Invalid(how=INCOMPLETE)
    return wishes
