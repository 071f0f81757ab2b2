"""HTTP of what somebody follows: one thing's page, and the page of everything with how to hear of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import available_timezones

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forum.following import commands, policy, queries, targets
from forum.following import wishes as wishing
from forum.following.queries import THREADS_A_PAGE, WIDE_A_PAGE
from forum.following.types import (
    BLOCKS,
    DEFAULTS,
    EVENTS,
    KINDS,
    WEEKDAYS,
    WISH_FIELDS,
    Followed,
    Level,
    Target,
    Wishes,
    wishes_from_form,
)
from forum.kit.errors import Invalid
from forum.kit.http import db_of, form_of, path_id, query_int, redirect, render
from forum.members.types import Actor

HOME = "/settings/following"
ID_AT = {
    "thread": "thread_id",
    "person": "member_id",
    "search": "saved_id",
    "product": "product_id",
    "topic": "topic_id",
    "vendor": "vendor_id",
    "category": "category_id",
    "everything": "",
}
PLACES = tuple(f"place_{block}" for block in BLOCKS)


@dataclass(frozen=True)
class FollowPage:
    """One thing, and how to follow it."""

    target: Target
    name: str
    path: str
    level: Level
    problems: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class FollowingPage:
    """Everything somebody follows, and their wishes.

    more, older: the next page of what they follow and of threads, "" where there is none. part: "followed" or
    "threads" where it is a later page of these alone. silence: a sentence where all mail is stopped or paused.
    """

    followed: Sequence[Followed]
    more: str
    threads: Sequence[Followed]
    older: str
    part: str
    silence: str
    wishes: Wishes
    problems: Mapping[str, str]
    events: Mapping[str, str]
    defaults: Sequence[tuple[str, str]]
    weekdays: Mapping[int, str]
    hours: Sequence[tuple[int, str]]
    zones: Sequence[tuple[str, str]]
    blocks: Mapping[str, str]


async def choose(request: Request) -> Response:
    """How to follow one thing."""
    return await _choose(request, {})


async def _choose(request: Request, problems: Mapping[str, str], status: int = 200) -> Response:
    db, actor, target = db_of(request), request.state.actor, target_of(request)
    policy.may_follow(actor, target.kind).require()
    name, path = await targets.named(db, actor, target)
    page = FollowPage(target, name, path, await queries.level_of(db, actor, target), problems)
    return render(request, "following/follow.html", page, status)


async def follow(request: Request) -> Response:
    """Follow it so from now on, or no more."""
    db, actor, target = db_of(request), request.state.actor, target_of(request)
    form = await form_of(request, "level", "every_days", "next")
    policy.may_follow(actor, target.kind).require()
    try:
        level = Level.from_form(form)
        if level.name == "none":
            await commands.unfollow(db, actor, target)
        else:
            await commands.follow(db, actor, target, level.name, level.every_days)
    except Invalid as problem:
        return await _choose(request, problem.fields, 422)
    notice = "unfollowed" if level.name == "none" else "followed"
    return redirect(f"{await _back(request, actor, target, form.get('next', ''))}?notice={notice}")


async def _back(request: Request, actor: Actor, target: Target, wanted: str) -> str:
    """The page of the thing, or that of everything: where one came from, or where the thing is not seen any more."""
    told = await targets.names(db_of(request), actor, target.kind, [target.id])
    return HOME if wanted == HOME or target.id not in told else told[target.id][1]


def target_of(request: Request) -> Target:
    """What the address is about. Raises NotFound for an id that is none."""
    kind = request.url.path.split("/")[2]
    return Target(kind, path_id(request, ID_AT[kind]) if ID_AT[kind] else 0)


async def show(request: Request) -> Response:
    """Everything one follows, and how one hears of it."""
    policy.may_wish(request.state.actor).require()
    return await _show(request, await wishing.wishes(db_of(request), request.state.actor.id), {})


async def change(request: Request) -> Response:
    """Change how one hears of things."""
    db, actor = db_of(request), request.state.actor
    form = await form_of(request, *WISH_FIELDS, *PLACES, many=("days",))
    policy.may_wish(actor).require()
    wanted = await wishing.wishes(db, actor.id)
    try:
        wanted = wishes_from_form(form, actor.id)
        await wishing.change_wishes(db, actor, wanted)
    except Invalid as problem:
        return await _show(request, wanted, problem.fields, 422)
    return redirect(f"{HOME}?notice=saved")


async def _show(request: Request, wishes: Wishes, problems: Mapping[str, str], status: int = 200) -> Response:
    db, actor = db_of(request), request.state.actor
    before_id, after = query_int(request, "before"), _after(request)
    part = "threads" if before_id else "followed" if after else ""
    followed = await queries.followed(db, actor, after=after) if part != "threads" else []
    threads = await queries.followed_threads(db, actor, before_id=before_id) if part != "followed" else []
    page = FollowingPage(
        followed=followed[:WIDE_A_PAGE],
        more=_more(followed),
        threads=threads[:THREADS_A_PAGE],
        older=f"{HOME}?before={threads[THREADS_A_PAGE - 1].target_id}#threads" if len(threads) > THREADS_A_PAGE else "",
        part=part,
        silence="" if part or problems else wishes.silence(datetime.now(UTC).date()),
        wishes=wishes,
        problems=problems,
        events=EVENTS,
        defaults=list(DEFAULTS.items()),
        weekdays=WEEKDAYS,
        hours=[(hour, f"{hour:02}:00") for hour in range(24)],
        zones=zones(),
        blocks=BLOCKS,
    )
    return render(request, "following/following.html", page, status)


def _after(request: Request) -> Target | None:
    kind = request.query_params.get("kind", "")
    return Target(kind, query_int(request, "after")) if kind in KINDS else None


def _more(followed: Sequence[Followed]) -> str:
    if len(followed) <= WIDE_A_PAGE:
        return ""
    last = followed[WIDE_A_PAGE - 1]
    return f"{HOME}?kind={last.kind}&after={last.target_id}#followed"


def zones() -> list[tuple[str, str]]:
    """Every time zone with a place in its name, for a form."""
    named = sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc/", "SystemV/")))
    return [("", "That of my district"), *((zone, zone.replace("_", " ")) for zone in ("UTC", *named))]


PATHS = tuple(f"/follow/{kind}/{{{place}:int}}" if place else f"/follow/{kind}" for kind, place in ID_AT.items())
routes = [
    *(Route(path, choose) for path in PATHS),
    *(Route(path, follow, methods=["POST"]) for path in PATHS),
    Route(HOME, show),
    Route(HOME, change, methods=["POST"]),
]
