"""HTTP of what somebody follows: one thing's page, and the page of everything with how to hear of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import time

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forum.following import commands, policy, queries, targets, wording
from forum.following import wishes as wishing
from forum.following.choices import BLOCKS, DEFAULTS, EVENTS, WEEKDAYS
from forum.following.queries import THREADS_A_PAGE, WIDE_A_PAGE
from forum.following.things import KINDS, THINGS
from forum.following.types import Deed, Followed, Level, Target, Wishes
from forum.following.wish_form import WISH_FIELDS, as_shown, break_from_form, wishes_from_form, wishes_shown
from forum.following.wishes import Unreached
from forum.kit.clocks import clock
from forum.kit.errors import Invalid
from forum.kit.http import db_of, form_of, own_place, path_id, query_int, redirect, redirect_noting, render
from forum.kit.undoing import undo, undo_of
from forum.kit.zones import named_zones

HOME = "/settings/following"


@dataclass(frozen=True)
class FollowPage:
    """One thing, and how to follow it. typed_days: of a digest, where that would not do."""

    target: Target
    name: str
    path: str
    level: Level
    problems: Mapping[str, str] = field(default_factory=dict)
    typed_days: str = ""


@dataclass(frozen=True)
class FollowingPage:
    """Everything somebody follows, and their wishes.

    here: the address of this page. more, older: the next page of what they follow and of threads, "" where there is
    none. part: "followed" or "threads" where it is a later page of these alone. silence: a sentence where all mail is
    stopped or paused; unreached: one where none reaches them. wishes: as they stand, or as typed; shown: as they stand,
    for the form to carry along. paused_until: the day of a break that lasts, or as typed.
    """

    here: str
    followed: Sequence[Followed]
    more: str
    threads: Sequence[Followed]
    older: str
    part: str
    silence: str
    unreached: str
    shown: str
    wishes: Wishes
    paused_until: str
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


async def _choose(request: Request, problems: Mapping[str, str], status: int = 200, typed_days: str = "") -> Response:
    db, actor, target = db_of(request), request.state.actor, target_of(request)
    policy.may_follow(actor, target.kind).require()
    name, path = await targets.named(db, actor, target)
    page = FollowPage(target, name, path, await queries.level_of(db, actor, target), problems, typed_days)
    return render(request, "following/follow.html", page, status)


async def follow(request: Request) -> Response:
    """Follow it so from now on, or no more."""
    db, actor, target = db_of(request), request.state.actor, target_of(request)
    form = await form_of(request, "level", "every_days", "next")
    policy.may_follow(actor, target.kind).require()
    try:
        level = Level.from_form(form)
        if level.name == "none":
            deed = await commands.unfollow(db, actor, target)
        else:
            deed = await commands.follow(db, actor, target, level.name, level.every_days)
    except Invalid as problem:
        return await _choose(request, problem.fields, 422, form.get("every_days", ""))
    path, at = await _back(request, deed, form.get("next", ""))
    return redirect_noting(path, wording.notice_of(target, level), undo_of(request, "follow", deed.parts), at)


async def _back(request: Request, deed: Deed, wanted: str) -> tuple[str, str]:
    """Where one goes on, and at which place once it is undone: at the menu on the thing's page, or in the page of
    everything, if one came from there, or does not see the thing any more.
    """
    target, its = deed.target, f"{deed.target.kind}-{deed.target.id}"
    told = await targets.names(db_of(request), request.state.actor, target.kind, [target.id])
    if wanted.startswith(HOME) or target.id not in told:
        return own_place(HOME, wanted), f"{'drop' if deed.after.name == 'none' else 'level'}-{its}"
    return f"{told[target.id][1]}#level-{its}", f"level-{its}"


async def bring_back(request: Request) -> Response:
    """Follow it again as it was before."""
    policy.may_wish(request.state.actor).require()
    db, actor = db_of(request), request.state.actor
    return await undo(request, "follow", HOME, lambda parts: commands.undo(db, actor, Deed.from_parts(parts)))


def target_of(request: Request) -> Target:
    """What the address is about. Raises NotFound for an id that is none."""
    kind = request.url.path.split("/")[2]
    id_at = THINGS[kind].id_at
    return Target(kind, path_id(request, id_at) if id_at else 0)


async def show(request: Request) -> Response:
    """Everything one follows, and how one hears of it."""
    policy.may_wish(request.state.actor).require()
    now = await _wishes(request)
    return await _show(request, now, now, {})


async def change(request: Request) -> Response:
    """Change how one hears of things. Where that will not do, the form has what was typed over what is so now."""
    db, actor = db_of(request), request.state.actor
    form = await form_of(request, "shown", *WISH_FIELDS, many=("days",))
    policy.may_wish(actor).require()
    wanted = now = await _wishes(request)
    try:
        shown = wishes_shown(form, now.member_id)
        sent = wishes_from_form(form, shown)
        wanted = now.merged(shown, sent)
        sent = replace(sent, paused_until=break_from_form(form))
        wanted = now.merged(shown, sent)
        await wishing.change_wishes(db, actor, shown, sent)
    except Invalid as problem:
        typed_day = form.get("paused_until", "") if "paused_until" in problem.fields else ""
        return await _show(request, now, wanted, problem.fields, typed_day)
    return redirect(f"{HOME}?notice=saved")


async def void_links(request: Request) -> Response:
    """Make links in earlier mails worthless."""
    await form_of(request)
    await wishing.void_links(db_of(request), request.state.actor)
    return redirect(f"{HOME}?notice=links-void")


async def _wishes(request: Request) -> Wishes:
    """The reader's, as their form shows them."""
    return (await wishing.wishes(db_of(request), request.state.actor.id)).on(wishing.break_day())


async def _show(
    request: Request, now: Wishes, wanted: Wishes, problems: Mapping[str, str], typed_day: str = ""
) -> Response:
    db, actor = db_of(request), request.state.actor
    before_id, after = query_int(request, "before"), _after(request)
    unreached: Unreached = request.app.state.unreached
    part = "threads" if before_id else "followed" if after else ""
    followed = await queries.followed(db, actor, after=after) if part != "threads" else []
    threads = await queries.followed_threads(db, actor, before_id=before_id) if part != "followed" else []
    page = FollowingPage(
        here=_here(before_id, after),
        followed=followed[:WIDE_A_PAGE],
        more=_more(followed),
        threads=threads[:THREADS_A_PAGE],
        older=f"{HOME}?before={threads[THREADS_A_PAGE - 1].target_id}#threads" if len(threads) > THREADS_A_PAGE else "",
        part=part,
        silence="" if part or problems else now.silence(wishing.break_day()),
        unreached="" if part or problems else await unreached(db, actor),
        shown=as_shown(now),
        wishes=wanted,
        paused_until=typed_day or f"{wanted.paused_until or ''}",
        problems=problems,
        events=EVENTS,
        defaults=list(DEFAULTS.items()),
        weekdays=WEEKDAYS,
        hours=[(hour, clock(time(hour))) for hour in range(24)],
        zones=[("", "My district’s time zone"), *named_zones()],
        blocks=BLOCKS,
    )
    return render(request, "following/following.html", page, 422 if problems else 200)


def _here(before_id: int, after: Target | None) -> str:
    if before_id:
        return f"{HOME}?before={before_id}"
    return f"{HOME}?kind={after.kind}&after={after.id}" if after else HOME


def _after(request: Request) -> Target | None:
    kind = request.query_params.get("kind", "")
    return Target(kind, query_int(request, "after")) if kind in KINDS else None


def _more(followed: Sequence[Followed]) -> str:
    if len(followed) <= WIDE_A_PAGE:
        return ""
    last = followed[WIDE_A_PAGE - 1]
    return f"{HOME}?kind={last.kind}&after={last.target_id}#followed"


PATHS = tuple(
    f"/follow/{kind}/{{{thing.id_at}:int}}" if thing.id_at else f"/follow/{kind}" for kind, thing in THINGS.items()
)
routes = [
    *(Route(path, choose) for path in PATHS),
    *(Route(path, follow, methods=["POST"]) for path in PATHS),
    Route("/undo/follow/{deed}", bring_back, methods=["POST"]),
    Route(HOME, show),
    Route(HOME, change, methods=["POST"]),
    Route(f"{HOME}/links", void_links, methods=["POST"]),
]
