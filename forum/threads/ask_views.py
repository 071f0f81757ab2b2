"""HTTP of asking: the form, similar questions while typing, the preview, drafts."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forum.categories import queries as categories
from forum.categories.policy import VENDORS_REPLY, may_start
from forum.categories.types import KINDS, Room
from forum.kit.errors import Forbidden, Invalid
from forum.kit.http import db_of, form_of, fragment, own_path, path_id, redirect, render, wants_fragment
from forum.kit.markdown import render_safely
from forum.kit.tokens import new_token
from forum.members.policy import may_have_settings
from forum.threads import commands, drafts, hold, queries
from forum.threads.advice import SEEN, advice_in
from forum.threads.policy import may_write
from forum.threads.similar import SimilarThread, similar_threads
from forum.threads.types import ASK_FIELDS, EDIT_FIELDS, FACT_FIELDS, Draft, ThreadDraft, body_problems

KIND_NAMES = {
    "question": "Question: it wants an answer",
    "discussion": "Discussion: opinions welcome",
    "review": "Review",
    "resource": "Resource: something to share",
    "event": "Event: you say next when and where",
    "announcement": "Announcement",
}


@dataclass(frozen=True)
class AskPage:
    """The form for a new thread. `rooms` are the categories the reader may start one in; refusal: why there are none.

    offers_vendors_out: whether vendors may be kept out, as they are let into the category; where none is chosen yet,
    into one of them.
    """

    draft: ThreadDraft
    rooms: Sequence[Room]
    refusal: str
    kinds: Sequence[tuple[str, str]]
    offers_vendors_out: bool
    problems: dict[str, str]
    similar: Sequence[SimilarThread]
    saved: Draft | None
    preview_html: str


@dataclass(frozen=True)
class SimilarPage:
    """What the ask form shows under its title."""

    similar: Sequence[SimilarThread]


@dataclass(frozen=True)
class PreviewPage:
    """A post as it will look, or what keeps it from being shown."""

    preview_html: str
    problem: str


@dataclass(frozen=True)
class KeptDraft:
    """A draft in the list of drafts."""

    path: str
    title: str
    text: str
    draft: Draft


@dataclass(frozen=True)
class DraftsPage:
    """Everything that was typed and not sent, and what waits for a moderator or was refused by one."""

    drafts: Sequence[KeptDraft]
    held: Sequence[hold.OwnHeld]


async def ask(request: Request) -> Response:
    """An empty form, or the draft that was left here."""
    db, actor = db_of(request), request.state.actor
    title = request.query_params.get("title", "")[:200]
    saved = None if actor.is_guest or title else await drafts.draft(db, actor, "ask")
    blank = ThreadDraft(
        category=request.query_params.get("category", ""),
        kind="",
        title=title,
        body="",
        topics="",
        client_key=new_token(),
    )
    return await _form(request, blank.with_kept(saved.fields) if saved else blank, saved=saved)


async def start(request: Request) -> Response:
    """Start the thread, or show the form again with what is wrong, or with the preview."""
    form = await form_of(request, *ASK_FIELDS, "preview", "choose", SEEN)
    draft = ThreadDraft.from_form(form)
    try:
        if form.flag("choose"):
            return await _form(request, replace(draft, kind=""))
        if form.flag("preview"):
            may_write(request.state.actor).require()
            draft.check()
            return await _form(request, draft, preview=(await render_safely(draft.body)).html)
        if not form.flag(SEEN) and (page := await _advice(request, draft)):
            return page
        thread_id = await commands.start(db_of(request), request.state.actor, draft)
    except Invalid as problem:
        return await _form(request, draft, problems=problem.fields, status=422)
    if not thread_id:
        return redirect("/drafts?notice=held")
    await request.app.state.wrote(db_of(request), thread_id, 1)
    thread = await queries.thread(db_of(request), request.state.actor, thread_id)
    return redirect(f"{thread.path}#p1")


async def _advice(request: Request, draft: ThreadDraft) -> Response | None:
    draft.check()
    return await advice_in(request, draft.category, "/ask", draft.fields)


async def similar(request: Request) -> Response:
    """Threads like the title typed so far, as a piece of the ask form."""
    title = request.query_params.get("title", "")
    found = await similar_threads(db_of(request), request.state.actor, title, request.app.state.alike)
    return fragment(request, "threads/similar.html", SimilarPage(found))


async def preview(request: Request) -> Response:
    """A post as it will look: a piece for the script, a page for browsers without one."""
    may_write(request.state.actor).require()
    body = (await form_of(request, *ASK_FIELDS, *EDIT_FIELDS, "preview")).get("body", "").strip()
    problem = body_problems(body).get("body", "")
    html = "" if problem else (await render_safely(body)).html
    page = PreviewPage(html, problem)
    if wants_fragment(request):
        return fragment(request, "threads/preview_fragment.html", page)
    return render(request, "threads/preview.html", page)


async def save_draft(request: Request) -> Response:
    """Keep what is being typed; the script asks two seconds after the last key."""
    form = await form_of(request, *ASK_FIELDS, *FACT_FIELDS, "draft_key")
    await drafts.save_draft(db_of(request), request.state.actor, form.get("draft_key", ""), form)
    return Response(status_code=204)


async def list_drafts(request: Request) -> Response:
    """What the reader typed and did not send."""
    actor = request.state.actor
    may_have_settings(actor).require()
    kept = await drafts.drafts(db_of(request), actor)
    held = await hold.own_held(db_of(request), actor)
    return render(request, "threads/drafts.html", DraftsPage([_kept(draft) for draft in kept], held))


async def drop_draft(request: Request) -> Response:
    """Throw a draft away."""
    form = await form_of(request, "draft_key", "next")
    await drafts.drop_draft(db_of(request), request.state.actor, form.get("draft_key", ""))
    return redirect(own_path(form.get("next", ""), "/drafts?notice=dropped"))


async def withdraw_held(request: Request) -> Response:
    """Take back what waits for a moderator, or clear away what was refused."""
    await form_of(request)
    await hold.withdraw(db_of(request), request.state.actor, path_id(request, "held_id"))
    return redirect("/drafts?notice=withdrawn")


# Where what was begun goes on, and what it is called without a title; all else is a reply.
BEGUN = {"ask": ("/ask", "A new thread"), "event": ("/events/new", "A new event")}


def _kept(draft: Draft) -> KeptDraft:
    path, name = BEGUN.get(draft.key, (f"/t/{draft.key.removeprefix('thread:')}#reply", "Reply"))
    return KeptDraft(path, draft.fields.get("title") or name, draft.fields.get("body", "")[:200], draft)


async def _form(
    request: Request,
    draft: ThreadDraft,
    *,
    problems: dict[str, str] | None = None,
    saved: Draft | None = None,
    preview: str = "",
    status: int = 200,
) -> Response:
    db, actor = db_of(request), request.state.actor
    if actor.is_guest:
        raise Forbidden("Sign in to ask.")
    rooms = [room for room in await categories.rooms(db, actor) if may_start(actor, room)]
    chosen = next((room for room in rooms if room.slug == draft.category), None)
    if chosen and not draft.kind:
        draft = replace(draft, kind=chosen.default_kind, body=draft.body or chosen.ask_template)
    page = AskPage(
        draft=draft,
        rooms=rooms,
        refusal=VENDORS_REPLY if actor.is_vendor else "There is no category you may start a thread in.",
        kinds=[(kind, KIND_NAMES[kind]) for kind in KINDS],
        offers_vendors_out=any(room.lets_vendors_in for room in ([chosen] if chosen else rooms)),
        problems=problems or {},
        similar=await similar_threads(db, actor, draft.title, request.app.state.alike),
        saved=saved,
        preview_html=preview,
    )
    return render(request, "threads/ask.html", page, status)


routes = [
    Route("/ask", ask),
    Route("/ask", start, methods=["POST"]),
    Route("/ask/similar", similar),
    Route("/preview", preview, methods=["POST"]),
    Route("/drafts", list_drafts),
    Route("/drafts", save_draft, methods=["POST"]),
    Route("/drafts/drop", drop_draft, methods=["POST"]),
    Route("/held/{held_id:int}/withdraw", withdraw_held, methods=["POST"]),
]
