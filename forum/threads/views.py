"""HTTP of one thread: read it, reply, accept an answer, restore posts."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forum.kit.errors import Invalid, NotFound, Verdict
from forum.kit.http import (
    choice,
    db_of,
    form_of,
    keep_choice,
    own_path,
    path_id,
    query_int,
    redirect,
    redirect_noting,
    redirect_onward,
    render,
)
from forum.kit.markdown import render_safely
from forum.kit.tokens import new_token
from forum.members.policy import person_path
from forum.members.types import Actor
from forum.threads import accept, commands, delete, mentions, policy, queries
from forum.threads.advice import SEEN, advice
from forum.threads.paths import POSTS_A_PAGE
from forum.threads.queries import Reading
from forum.threads.reading import mark_read
from forum.threads.similar import SimilarThread
from forum.threads.staff_types import Spot
from forum.threads.types import Draft, Post, PostSource, ReplyDraft, Spine, Thread

ORDER_COOKIE = "post-order"
HELPFUL_KEY = re.compile(r"([01](?:\.[0-9]{1,20})?(?:e-[0-9]{1,2})?):([0-9]{1,9})")
IS_QUESTION = Verdict("That is the question.")


class Shown(NamedTuple):
    """A post, and what its reader may do with it: all that its card is printed from, and kept by."""

    post: Post
    thread: Spine
    is_accepted: bool
    is_first_new: bool
    may_reply: Verdict
    may_edit: Verdict
    may_delete: Verdict
    may_restore: Verdict
    may_vote: Verdict
    may_accept: Verdict
    may_flag: Verdict
    hides: bool
    author_path: str


@dataclass(frozen=True)
class ShowPage:
    """A page of a thread with its reply form. `newer`, `older`: links, "" where there is no such page.

    leads_to: the thread that answers this duplicate, where its reader may read that. author_path: "" for those who
    may not see people. beside: what an upper room says of a thread that has an event, see wiring.BESIDE.
    """

    thread: Thread
    posts: Sequence[Shown]
    order: str
    newer: str
    older: str
    place: str
    first_unread: str
    may_reply: Verdict
    may_restore_thread: Verdict
    draft: ReplyDraft
    saved: Draft | None
    preview_html: str
    problems: dict[str, str]
    similar: tuple[SimilarThread, ...]
    leads_to: Spot | None
    may_close: Verdict
    may_choose_vendors: Verdict
    author_path: str
    beside: object | None


async def show(request: Request) -> Response:
    """The thread, at the place the link names; of one that was merged, the other."""
    db, actor, thread_id = db_of(request), request.state.actor, path_id(request, "thread_id")
    quoted = query_int(request, "quote")
    request.state.may_index = actor.is_guest and request.state.site.is_indexed
    try:
        body = _quote(await queries.post_numbered(db, actor, thread_id, quoted)) if quoted else ""
        return await _show(request, ReplyDraft(body, new_token()), resumes=True)
    except NotFound:
        spot = await queries.merged(db, actor, thread_id)
        if spot is None or spot.id == thread_id:
            raise
        return _led_to(spot)


async def reply(request: Request) -> Response:
    """Add the reply; on any refusal the form comes back with its text."""
    db, actor, thread_id = db_of(request), request.state.actor, path_id(request, "thread_id")
    form = await form_of(request, "body", "client_key", "preview", SEEN)
    draft = ReplyDraft.from_form(form)
    try:
        if form.flag("preview"):
            policy.may_write(actor).require()
            draft.check()
            return await _show(request, draft, preview=(await render_safely(draft.body)).html)
        thread = await queries.thread(db, actor, thread_id)
        if not form.flag(SEEN) and policy.may_reply(actor, thread) and (page := await _advice(request, thread, draft)):
            return page
        number = await commands.reply(db, actor, thread_id, draft)
    except Invalid as problem:
        return await _show(request, draft, problems=problem.fields, status=422)
    if not number:
        return redirect("/drafts?notice=held")
    await request.app.state.wrote(db, thread_id, number)
    return redirect(thread.place(number))


async def _advice(request: Request, thread: Thread, draft: ReplyDraft) -> Response | None:
    draft.check()
    fields = [("body", draft.body), ("client_key", draft.client_key)]
    return await advice(request, thread.category_id, thread.path, fields)


async def permalink(request: Request) -> Response:
    """The lasting address of a post leads to its place in its thread, for whoever may read it."""
    db, actor = db_of(request), request.state.actor
    thread, post = await queries.thread_of_post(db, actor, path_id(request, "post_id"))
    return redirect_onward(request, thread.place(post.number))


async def accept_post(request: Request) -> Response:
    """Choose the accepted answer."""
    await form_of(request)
    thread = await accept.accept(db_of(request), request.state.actor, path_id(request, "post_id"))
    return redirect(f"{thread.path}#p1")


async def unaccept_post(request: Request) -> Response:
    """Take the choice back."""
    await form_of(request)
    thread = await accept.unaccept(db_of(request), request.state.actor, path_id(request, "post_id"))
    return redirect(f"{thread.path}#p1")


async def restore_post(request: Request) -> Response:
    """Bring a deleted post or thread back."""
    await form_of(request)
    db, actor, post_id = db_of(request), request.state.actor, path_id(request, "post_id")
    thread = await delete.restore(db, actor, post_id)
    return redirect(thread.place((await queries.post_source(db, actor, post_id)).number))


async def choose_order(request: Request) -> Response:
    """Keep the reader's choice: posts by time, or the most helpful first."""
    form = await form_of(request, "order", "next")
    response = redirect(own_path(form.get("next", "/")))
    keep_choice(request, response, ORDER_COOKIE, form.one_of("order", ("time", "helpful")))
    return response


def _quote(post: PostSource) -> str:
    lines = "\n".join(f"> {line}".rstrip() for line in post.source.splitlines())
    name = f"@{post.author_handle}" if post.author_handle else post.author_name
    return f"{name} wrote:\n\n{lines}\n\n"


def _joined(*texts: str) -> str:
    return "\n\n".join(text for text in texts if text)


async def _show(
    request: Request,
    draft: ReplyDraft,
    *,
    resumes: bool = False,
    preview: str = "",
    problems: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    """resumes: an unsent reply of before comes back, above what `draft` holds."""
    db, actor, thread_id = db_of(request), request.state.actor, path_id(request, "thread_id")
    order = _order(request)
    page_of = _helpful_page if order == "helpful" else _timely_page
    found, newer, older, place = await page_of(request, thread_id)
    thread, saved = found.thread, found.draft if resumes else None
    leads_to = await queries.merged(db, actor, thread.duplicate_of_id) if thread.duplicate_of_id else None
    if leads_to and resumes and _is_empty_duplicate(request, thread):
        return _led_to(leads_to)
    page = ShowPage(
        thread=thread,
        posts=_shown(actor, thread, found.posts, _new_from(thread, found.posts) if order == "time" else 0),
        order=order,
        newer=newer,
        older=older,
        place=place,
        first_unread=_first_unread(thread),
        may_reply=policy.may_reply(actor, thread),
        may_restore_thread=policy.may_restore(actor, thread, deleted_by=thread.deleted_by),
        draft=replace(draft, body=_joined(saved.fields.get("body", ""), draft.body)) if saved else draft,
        saved=saved,
        preview_html=preview,
        problems=problems or {},
        similar=found.similar,
        leads_to=leads_to,
        may_close=policy.may_close(actor, thread),
        may_choose_vendors=policy.may_choose_vendors(actor, thread, out=not thread.keeps_vendors_out),
        author_path=person_path(actor, thread.author_handle),
        beside=await request.app.state.beside(db, actor, thread) if thread.has_event else None,
    )
    response = render(request, "threads/show.html", page, status)
    last_number = found.posts[-1].number if found.posts else 0
    is_next = query_int(request, "after") <= thread.read_number  # a page by link skips what lies before
    if order == "time" and is_next and last_number > thread.read_number and _is_being_read(request):
        await mark_read(db, actor, thread.id, last_number)
    if thread.names_reader and _is_being_read(request):
        await mentions.see(db, actor, [post.id for post in found.posts])
    return response


def _led_to(spot: Spot) -> Response:
    return redirect_noting(f"{spot.path}#p1", "led")  # with a #, or the browser would keep one of the old address


def _is_empty_duplicate(request: Request, thread: Thread) -> bool:
    """Nobody has answered in it: whoever comes wants the other, but for the asker, staff, and whoever insists."""
    is_concerned = thread.is_staff or request.state.actor.id == thread.author_id
    return not (thread.reply_count or is_concerned or "stay" in request.query_params)


def _order(request: Request) -> str:
    asked = request.query_params.get("order") or choice(request, ORDER_COOKIE)
    return "helpful" if asked == "helpful" and "after" not in request.query_params else "time"


def _is_being_read(request: Request) -> bool:
    """A page fetched ahead by the browser is not read yet; nor is everything seen that only stands by helpfulness."""
    return request.method == "GET" and "prefetch" not in request.headers.get("sec-purpose", "")


def _first_unread(thread: Thread) -> str:
    is_begun = 0 < thread.read_number < thread.last_number
    return thread.resuming if is_begun else ""


def _new_from(thread: Thread, posts: Sequence[Post]) -> int:
    """The number of the first post here that is new to a reader who has begun the thread, 0 when none is."""
    new = (post.number for post in posts if post.number > thread.read_number)
    return next(new, 0) if thread.read_number else 0


async def _timely_page(request: Request, thread_id: int) -> tuple[Reading, str, str, str]:
    after = query_int(request, "after")
    db, actor = db_of(request), request.state.actor
    found = await queries.reading(
        db, actor, thread_id, after=after, limit=POSTS_A_PAGE + 1, alike=request.app.state.alike
    )
    thread, posts = found.thread, found.posts[:POSTS_A_PAGE]
    older = f"{thread.path}?after={posts[-1].number}" if len(found.posts) > POSTS_A_PAGE else ""
    newer = ""
    if after:
        start = max(0, after - POSTS_A_PAGE)
        newer = f"{thread.path}?after={start}" if start else thread.path
    place = f"Posts {posts[0].number} to {posts[-1].number} of {thread.last_number}" if posts else ""
    return replace(found, posts=posts), newer, older, place


async def _helpful_page(request: Request, thread_id: int) -> tuple[Reading, str, str, str]:
    key = _helpful_key(request.query_params.get("from", ""))
    db, actor = db_of(request), request.state.actor
    found = await queries.helpful_reading(
        db, actor, thread_id, after=key, limit=POSTS_A_PAGE + 1, alike=request.app.state.alike
    )
    thread, posts = found.thread, found.posts[:POSTS_A_PAGE]
    path = f"{thread.path}?order=helpful"
    last = posts[-1] if len(found.posts) > POSTS_A_PAGE else None
    older = f"{path}&from={last.confidence!r}:{last.number}" if last else ""
    return replace(found, posts=posts), path if key else "", older, f"{thread.post_count} posts, most helpful first"


def _helpful_key(text: str) -> tuple[float, int] | None:
    key = HELPFUL_KEY.fullmatch(text)
    return (float(key[1]), int(key[2])) if key else None


def _shown(actor: Actor, thread: Thread, posts: Sequence[Post], new_from: int) -> list[Shown]:
    spine, may_reply, may_accept = thread.spine, policy.may_reply(actor, thread), policy.may_accept(actor, thread)
    return [
        Shown(
            post=post._replace(html=mentions.unlinked(post.html)) if actor.is_vendor else post,
            thread=spine,
            is_accepted=post.id == thread.accepted_post_id,
            is_first_new=post.number == new_from,
            may_reply=may_reply,
            may_edit=policy.may_edit(actor, thread, post),
            may_delete=policy.may_delete(actor, thread, post),
            may_restore=policy.may_restore(
                actor, thread, deleted_by=post.author_id if post.is_deleted_by_author else None
            ),
            may_vote=policy.may_vote(actor, thread, post),
            may_accept=may_accept if post.number > 1 else IS_QUESTION,
            may_flag=policy.may_flag(actor, thread, post),
            hides=post.author_id != actor.id,
            author_path=person_path(actor, post.author_handle),
        )
        for post in posts
    ]


routes = [
    Route("/t/{thread_id:int}", show),
    Route("/t/{thread_id:int}/{slug}", show),
    Route("/t/{thread_id:int}/{slug}", reply, methods=["POST"]),
    Route("/p/{post_id:int}", permalink),
    Route("/p/{post_id:int}/accept", accept_post, methods=["POST"]),
    Route("/p/{post_id:int}/unaccept", unaccept_post, methods=["POST"]),
    Route("/p/{post_id:int}/restore", restore_post, methods=["POST"]),
    Route("/threads/order", choose_order, methods=["POST"]),
]
