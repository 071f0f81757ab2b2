"""HTTP of flags: one page to flag a post, to see what became of it, and to take it back."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forum.kit.errors import Invalid, Verdict
from forum.kit.http import db_of, form_of, path_id, redirect, render
from forum.members.policy import may_have_settings
from forum.moderation import flags
from forum.moderation.types import FLAG_REASONS, Flag, FlagDraft, OwnFlag
from forum.threads import queries
from forum.threads.policy import may_flag
from forum.threads.types import PostSource, Thread


@dataclass(frozen=True)
class FlagPage:
    """The form, or with `flag` what became of it."""

    thread: Thread
    post: PostSource
    flag: Flag | None
    draft: FlagDraft
    reasons: Sequence[tuple[str, str]]
    may_flag: Verdict
    problems: dict[str, str]


@dataclass(frozen=True)
class FlagsPage:
    """What this member flagged, newest first."""

    flags: Sequence[OwnFlag]


async def show(request: Request) -> Response:
    """The form to flag a post; once flagged, what became of it."""
    return await _show(request, FlagDraft("", ""))


async def flag(request: Request) -> Response:
    """Tell moderators."""
    form = await form_of(request, "reason", "note")
    draft, post_id = FlagDraft.from_form(form), path_id(request, "post_id")
    try:
        await flags.flag(db_of(request), request.state.actor, post_id, draft)
    except Invalid as problem:
        return await _show(request, draft, problem.fields, 422)
    return redirect("/flags?notice=flagged")


async def withdraw(request: Request) -> Response:
    """Take one's flag back."""
    await form_of(request)
    await flags.withdraw(db_of(request), request.state.actor, path_id(request, "flag_id"))
    return redirect("/flags?notice=unflagged")


async def list_own(request: Request) -> Response:
    """The reader's own flags, and what became of them."""
    actor = request.state.actor
    may_have_settings(actor).require()
    return render(request, "moderation/flags.html", FlagsPage(await flags.own_flags(db_of(request), actor)))


async def _show(
    request: Request, draft: FlagDraft, problems: dict[str, str] | None = None, status: int = 200
) -> Response:
    db, actor, post_id = db_of(request), request.state.actor, path_id(request, "post_id")
    thread, post = await queries.thread_of_post(db, actor, post_id)
    page = FlagPage(
        thread=thread,
        post=post,
        flag=await flags.own_flag(db, actor, post_id),
        draft=draft,
        reasons=[("", "Choose one"), *FLAG_REASONS.items()],
        may_flag=may_flag(actor, thread, post),
        problems=problems or {},
    )
    if not page.flag:
        page.may_flag.require()
    return render(request, "moderation/flag.html", page, status)


routes = [
    Route("/flags", list_own),
    Route("/p/{post_id:int}/flag", show),
    Route("/p/{post_id:int}/flag", flag, methods=["POST"]),
    Route("/flags/{flag_id:int}/withdraw", withdraw, methods=["POST"]),
]
