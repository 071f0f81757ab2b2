"""HTTP of the log: staff's with filters, and the part every member may read."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forum.kit.errors import Verdict
from forum.kit.http import db_of, query_int, render
from forum.kit.text import with_query
from forum.members.policy import may_have_settings, may_see_people, require_staff
from forum.members.types import Actor
from forum.moderation import log
from forum.moderation.log import LogEntry

A_PAGE = 50
FIRST = 2**62


@dataclass(frozen=True)
class LogPage:
    """What staff did, newest first. by, act, kind: what is looked for, "" for everything."""

    actor: Actor
    entries: Sequence[LogEntry]
    by: str
    act: str
    kind: str
    acts: Sequence[tuple[str, str]]
    kinds: Sequence[tuple[str, str]]
    older: str


@dataclass(frozen=True)
class PublicLogPage:
    """What moderators did in the categories its reader may read."""

    entries: Sequence[LogEntry]
    older: str
    may_see_people: Verdict


async def show(request: Request) -> Response:
    """The log of the categories this moderator looks after."""
    db, actor = db_of(request), request.state.actor
    require_staff(actor)
    by, act, kind = (request.query_params.get(name, "").strip()[:100] for name in ("by", "act", "kind"))
    by = by.removeprefix("@").lower()
    before = query_int(request, "before") or FIRST
    entries = await log.staff_log(db, actor, by=by, act=act, kind=kind, before=before, limit=A_PAGE + 1)
    acts, kinds = await log.acts_and_kinds(db, actor)
    page = LogPage(
        actor=actor,
        entries=entries[:A_PAGE],
        by=by,
        act=act,
        kind=kind,
        acts=[("", "Everything"), *((name, name.replace(".", ": ").replace("_", " ")) for name in acts)],
        kinds=[("", "Anything"), *((name, name.replace("_", " ")) for name in kinds)],
        older=_older("/moderation/log", entries, {"by": by, "act": act, "kind": kind}),
    )
    return render(request, "moderation/log.html", page)


async def show_public(request: Request) -> Response:
    """The part of the log that members may read."""
    actor = request.state.actor
    may_have_settings(actor).require()
    before = query_int(request, "before") or FIRST
    entries = await log.public_log(db_of(request), actor, before=before, limit=A_PAGE + 1)
    page = PublicLogPage(entries[:A_PAGE], _older("/log", entries, {}), may_see_people(actor))
    return render(request, "moderation/public_log.html", page)


def _older(path: str, entries: Sequence[LogEntry], asked: dict[str, str]) -> str:
    if len(entries) <= A_PAGE:
        return ""
    return with_query(path, asked | {"before": str(entries[A_PAGE - 1].id)})


routes = [Route("/moderation/log", show), Route("/log", show_public)]
