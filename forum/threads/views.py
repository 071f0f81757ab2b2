"""HTTP of one thread: read it, reply, accept, delete and restore posts."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forum.kit.errors import Invalid, Verdict
from forum.kit.http import db_of, form_of, own_path, path_id, query_int, redirect, render
from forum.kit.markdown import render_safely
from forum.kit.tokens import new_token
from forum.threads import accept, commands, delete, drafts, policy, queries, reading
from forum.threads.similar import SimilarThread, similar_threads
from forum.threads.types import POSTS_A_PAGE, Draft, Post, PostSource, ReplyDraft, Thread

ORDER_COOKIE = "post-order"
YEAR_S = 366 * 86_400


@dataclass(frozen=True)
class Shown:
    """A post, and what its reader may do with it."""

    post: Post
    is_accepted: bool
    is_first_unread: bool
    may_edit: Verdict
    may_delete: Verdict
    may_restore: Verdict
    may_vote: Verdict
    may_accept: Verdict


@dataclass(frozen=True)
class ShowPage:
    """A page of a thread with its reply form. `newer`, `older`: links, "" where there is no such page."""

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
    similar: Sequence[SimilarThread]


async def show(request: Request) -> Response:
    """The thread, at the place the link names."""
    quoted = query_int(request, "quote")
    db, actor, thread_id = db_of(request), request.state.actor, path_id(request, "thread_id")
    body = _quote(await queries.post_numbered(db, actor, thread_id, quoted)) if quoted else ""
    saved = None if body or actor.is_guest else await drafts.draft(db, actor, f"thread:{thread_id}")
    if saved:
        body = saved.fields.get("body", "")
    return await _show(request, ReplyDraft(body, new_token()), saved=saved)


async def reply(request: Request) -> Response:
    """Add the reply; on any refusal the form comes back with its text."""
    db, actor, thread_id = db_of(request), request.state.actor, path_id(request, "thread_id")
    form = await form_of(request)
    draft = ReplyDraft.from_form(form)
    try:
        if "preview" in form:
            draft.check()
            return await _show(request, draft, preview=(await render_safely(draft.body)).html)
        number = await commands.reply(db, actor, thread_id, draft)
    except Invalid as problem:
        return await _show(request, draft, problems=problem.fields, status=422)
    return redirect((await queries.thread(db, actor, thread_id)).place(number))


async def permalink(request: Request) -> Response:
    """The lasting address of a post leads to its place in its thread, for whoever may read it."""
    db, actor = db_of(request), request.state.actor
    post = await queries.post_source(db, actor, path_id(request, "post_id"))
    return redirect((await queries.thread(db, actor, post.thread_id)).place(post.number))


async def accept_post(request: Request) -> Response:
    """Choose the accepted answer."""
    thread = await accept.accept(db_of(request), request.state.actor, path_id(request, "post_id"))
    return redirect(f"{thread.path}#p1")


async def unaccept_post(request: Request) -> Response:
    """Take the choice back."""
    thread = await accept.unaccept(db_of(request), request.state.actor, path_id(request, "post_id"))
    return redirect(f"{thread.path}#p1")


async def restore_post(request: Request) -> Response:
    """Bring a deleted post or thread back."""
    db, actor, post_id = db_of(request), request.state.actor, path_id(request, "post_id")
    thread = await delete.restore(db, actor, post_id)
    return redirect(thread.place((await queries.post_source(db, actor, post_id)).number))


async def choose_order(request: Request) -> Response:
    """Keep the reader's choice: posts by time, or the most helpful first."""
    form = await form_of(request)
    response = redirect(own_path(form.get("next", "/")))
    order = "helpful" if form.get("order") == "helpful" else "time"
    response.set_cookie(ORDER_COOKIE, order, max_age=YEAR_S, path="/", httponly=True, samesite="lax")
    return response


def _quote(post: PostSource) -> str:
    lines = "\n".join(f"> {line}".rstrip() for line in post.source.splitlines())
    return f"@{post.author_handle} wrote:\n\n{lines}\n\n"


async def _show(
    request: Request,
    draft: ReplyDraft,
    *,
    saved: Draft | None = None,
    preview: str = "",
    problems: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    db, actor, thread_id = db_of(request), request.state.actor, path_id(request, "thread_id")
    thread = await queries.thread(db, actor, thread_id)
    page_of = _helpful_page if _order(request) == "helpful" else _timely_page
    posts, newer, older, place = await page_of(request, thread)
    page = ShowPage(
        thread=thread,
        posts=[_shown(request, thread, post) for post in posts],
        order=_order(request),
        newer=newer,
        older=older,
        place=place,
        first_unread=_first_unread(request, thread),
        may_reply=policy.may_reply(actor, thread),
        may_restore_thread=policy.may_restore(actor, thread, deleted_by=thread.deleted_by),
        draft=draft,
        saved=saved,
        preview_html=preview,
        problems=problems or {},
        similar=await similar_threads(db, actor, thread.title, besides=thread.id, limit=4),
    )
    response = render(request, "threads/show.html", page, status)
    if request.method == "GET" and posts and _is_read_in_order(request) and posts[-1].number > thread.read_number:
        await reading.mark_read(db, actor, thread.id, posts[-1].number)
    return response


def _order(request: Request) -> str:
    asked = request.query_params.get("order") or request.cookies.get(ORDER_COOKIE)
    return "helpful" if asked == "helpful" and "after" not in request.query_params else "time"


def _is_read_in_order(request: Request) -> bool:
    """A page fetched ahead by the browser is not read yet; nor is everything seen that only stands by helpfulness."""
    is_ahead = "prefetch" in request.headers.get("sec-purpose", "")
    return _order(request) == "time" and not is_ahead


def _first_unread(request: Request, thread: Thread) -> str:
    is_begun = not request.state.actor.is_guest and 0 < thread.read_number < thread.last_number
    return thread.place(thread.read_number + 1) if is_begun else ""


async def _timely_page(request: Request, thread: Thread) -> tuple[list[Post], str, str, str]:
    after = query_int(request, "after")
    found = await queries.posts(db_of(request), request.state.actor, thread.id, after=after, limit=POSTS_A_PAGE + 1)
    posts = found[:POSTS_A_PAGE]
    older = f"{thread.path}?after={posts[-1].number}" if len(found) > POSTS_A_PAGE else ""
    newer = ""
    if after:
        start = max(0, after - POSTS_A_PAGE)
        newer = f"{thread.path}?after={start}" if start else thread.path
    place = f"Posts {posts[0].number} to {posts[-1].number} of {thread.post_count}" if posts else ""
    return posts, newer, older, place


async def _helpful_page(request: Request, thread: Thread) -> tuple[list[Post], str, str, str]:
    key = _helpful_key(request.query_params.get("from", ""))
    found = await queries.helpful_posts(
        db_of(request), request.state.actor, thread.id, after=key, limit=POSTS_A_PAGE + 1
    )
    posts = found[:POSTS_A_PAGE]
    path = f"{thread.path}?order=helpful"
    last = posts[-1] if len(found) > POSTS_A_PAGE else None
    older = f"{path}&from={last.confidence!r}:{last.number}" if last else ""
    return posts, path if key else "", older, f"{thread.post_count} posts, most helpful first"


def _helpful_key(text: str) -> tuple[float, int] | None:
    confidence, _, number = text.partition(":")
    try:
        return (float(confidence), int(number)) if len(number) < 10 else None
    except ValueError:
        return None


def _shown(request: Request, thread: Thread, post: Post) -> Shown:
    actor = request.state.actor
    return Shown(
        post=post,
        is_accepted=post.id == thread.accepted_post_id,
        is_first_unread=post.number == thread.read_number + 1 and thread.read_number > 0 and not actor.is_guest,
        may_edit=policy.may_edit(actor, thread, post),
        may_delete=policy.may_delete(actor, thread, post),
        may_restore=policy.may_restore(actor, thread, deleted_by=post.author_id if post.is_deleted_by_author else None),
        may_vote=policy.may_vote(actor, thread, post),
        may_accept=policy.may_accept(actor, thread) if post.number > 1 else Verdict("That is the question."),
    )


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
