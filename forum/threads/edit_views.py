"""HTTP of changing posts: edit, the page for two edits at once, history, delete."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forum.kit.diff import Row, compare
from forum.kit.errors import Invalid, Stale
from forum.kit.http import db_of, form_of, path_id, redirect, redirect_noting, render
from forum.members.policy import person_path, require_staff
from forum.members.types import Actor
from forum.threads import delete, edit, policy, queries
from forum.threads.staff_types import REASONS
from forum.threads.types import EDIT_FIELDS, EditDraft, PostSource, Thread


@dataclass(frozen=True)
class EditPage:
    """The form to change a post. `theirs` is the newer text when somebody else was faster, else ""."""

    thread: Thread
    post: PostSource
    draft: EditDraft
    is_silent: bool
    theirs: str
    problems: dict[str, str]


@dataclass(frozen=True)
class Change:
    """One step in the life of a post."""

    version: int
    editor_name: str
    reason: str
    created_at: datetime
    rows: Sequence[Row]


@dataclass(frozen=True)
class HistoryPage:
    """How a post came to read as it does, newest change first. author_path: "" for those who may not see people."""

    thread: Thread
    post: PostSource
    changes: Sequence[Change]
    author_path: str


@dataclass(frozen=True)
class DeletePage:
    """Are you sure, and why: the reason is shown to the author and staff. reasons: for staff to choose from."""

    thread: Thread
    post: PostSource
    reason: str
    problems: dict[str, str]
    reasons: Sequence[tuple[str, str]]


async def form(request: Request) -> Response:
    """The post's text, ready to change."""
    thread, post = await _post(request)
    draft = EditDraft(post.source, "", post.version, thread.title, " ".join(thread.topics))
    return _edit_page(request, thread, post, draft)


async def save(request: Request) -> Response:
    """Save the change. An edit made from an older version gets both texts to look at, with 409."""
    thread, post = await _post(request)
    draft = EditDraft.from_form(await form_of(request, *EDIT_FIELDS))
    try:
        await edit.edit(db_of(request), request.state.actor, post.id, draft)
    except Invalid as problem:
        return _edit_page(request, thread, post, draft, problems=problem.fields, status=422)
    except Stale:
        thread, post = await _post(request)
        return _edit_page(request, thread, post, draft, theirs=post.source, status=409)
    thread = await queries.thread(db_of(request), request.state.actor, post.thread_id)
    return redirect(thread.place(post.number))


async def history(request: Request) -> Response:
    """What each edit changed."""
    thread, post = await _post(request)
    after, changes = _whole(thread.heading if post.number == 1 else "", post.source), []
    for revision in await queries.revisions(db_of(request), request.state.actor, post.id):
        before = _whole(revision.heading, revision.source)
        rows = await asyncio.to_thread(compare, before, after)  # the worst texts take a second
        changes.append(Change(revision.version + 1, revision.editor_name, revision.reason, revision.created_at, rows))
        after = before
    page = HistoryPage(thread, post, changes, person_path(request.state.actor, post.author_handle))
    return render(request, "threads/history.html", page)


async def confirm_delete(request: Request) -> Response:
    """Ask before deleting."""
    thread, post = await _post(request)
    _require_right_to_delete(request.state.actor, thread, post)
    return _delete_page(request, thread, post)


async def delete_post(request: Request) -> Response:
    """Delete the post, or with the opening post the thread; staff hide those of others."""
    thread, post = await _post(request)
    form = await form_of(request, "reason", "template")
    reason = form.get("reason", "").strip() or form.get("template", "")
    _require_right_to_delete(request.state.actor, thread, post)
    try:
        if form.get("template"):
            form.one_of("template", REASONS)
        entry_id = await delete.hide(db_of(request), request.state.actor, post.id, reason)
    except Invalid as problem:
        return _delete_page(request, thread, post, reason, problem.fields, 422)
    place = thread.place(post.number)
    return redirect_noting(place, "done", entry_id) if entry_id else redirect(place)


def _require_right_to_delete(actor: Actor, thread: Thread, post: PostSource) -> None:
    if actor.id != post.author_id and thread.is_staff:
        require_staff(actor)
    if not (post.deleted_at or thread.deleted_at):
        policy.may_delete(actor, thread, post).require()


def _delete_page(
    request: Request,
    thread: Thread,
    post: PostSource,
    reason: str = "",
    problems: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    is_own = request.state.actor.id == post.author_id
    reasons = [] if is_own else [("", "Choose one, or write your own below"), *((each, each) for each in REASONS)]
    return render(request, "threads/delete.html", DeletePage(thread, post, reason, problems or {}, reasons), status)


async def _post(request: Request) -> tuple[Thread, PostSource]:
    return await queries.thread_of_post(db_of(request), request.state.actor, path_id(request, "post_id"))


def _whole(heading: str, source: str) -> str:
    return f"{heading}\n\n{source}" if heading else source


def _edit_page(
    request: Request,
    thread: Thread,
    post: PostSource,
    draft: EditDraft,
    *,
    theirs: str = "",
    problems: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    actor = request.state.actor
    policy.may_edit(actor, thread, post).require()
    page = EditPage(thread, post, draft, edit.is_silent(actor, post), theirs, problems or {})
    return render(request, "threads/edit.html", page, status)


routes = [
    Route("/p/{post_id:int}/edit", form),
    Route("/p/{post_id:int}/edit", save, methods=["POST"]),
    Route("/p/{post_id:int}/history", history),
    Route("/p/{post_id:int}/delete", confirm_delete),
    Route("/p/{post_id:int}/delete", delete_post, methods=["POST"]),
]
