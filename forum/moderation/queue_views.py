"""HTTP of the queue: the list, one item, taking it, deciding one or many."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forum.kit.db import Database
from forum.kit.errors import Invalid, Verdict
from forum.kit.forms import Form
from forum.kit.http import db_of, form_of, path_id, query_int, redirect, render
from forum.members.policy import require_staff
from forum.members.types import Actor
from forum.moderation import policy, queries, queue
from forum.moderation.queue import Kinds
from forum.moderation.types import MAX_LETTER, Card, History, Item, ReasonTemplate, Ruling
from forum.threads.types import MAX_BODY, MAX_TITLE

A_PAGE = 20
REASON_FIELDS = ("deed", "reason_id", "note")


@dataclass(frozen=True)
class Waiting:
    """An item with its card. deeds: (name, words) of its buttons; history: of the author, None where there is none."""

    item: Item
    card: Card
    kind_label: str
    deeds: Sequence[tuple[str, str]]
    wants_reason: bool
    history: History | None
    may_decide: Verdict
    is_mine: bool


@dataclass(frozen=True)
class QueuePage:
    """What waits for this moderator. tabs: (address, words, is current) of each kind.

    chosen, reason_id, note: what was ticked, chosen and typed for many at once.
    """

    actor: Actor
    waiting: Sequence[Waiting]
    tabs: Sequence[tuple[str, str, bool]]
    reasons: Sequence[ReasonTemplate]
    older: str
    chosen: frozenset[int]
    reason_id: str
    note: str
    problems: dict[str, str]


@dataclass(frozen=True)
class ItemPage:
    """One item; `waiting` is None once it is decided. title, text: the words to be published."""

    actor: Actor
    item: Item
    waiting: Waiting | None
    reasons: Sequence[ReasonTemplate]
    title: str
    text: str
    reason_id: str
    note: str
    problems: dict[str, str]


async def show_queue(request: Request) -> Response:
    """Everything that waits for this moderator, oldest first."""
    require_staff(request.state.actor)
    return await _queue(request)


async def decide_many(request: Request) -> Response:
    """Approve or reject all that were chosen; what others decided meanwhile is left as it is."""
    actor = request.state.actor
    require_staff(actor)
    form = await form_of(request, *REASON_FIELDS, many=("item_ids",))
    db, ids = db_of(request), form.ids("item_ids")
    if not ids:
        return await _queue(request, form, {"item_ids": "Choose at least one."}, 422)
    try:
        deed = form.one_of("deed", ("approve", "reject"))
        _, left = await queue.decide_all(db, actor, _kinds(request), ids, deed, await _ruling(db, form))
    except Invalid as problem:
        return await _queue(request, form, problem.fields, 422)
    return redirect(f"/moderation?notice={'some-decided' if left else 'all-decided'}")


async def show_item(request: Request) -> Response:
    """One item with all that is known about it, and room to change its words."""
    require_staff(request.state.actor)
    return await _item(request)


async def decide_item(request: Request) -> Response:
    """Decide one item."""
    actor = request.state.actor
    require_staff(actor)
    form = await form_of(request, *REASON_FIELDS, "title", "body")
    try:
        deed, ruling = form.get("deed", ""), await _ruling(db_of(request), form)
        decision = await queue.decide(db_of(request), actor, _kinds(request), path_id(request, "item_id"), deed, ruling)
    except Invalid as problem:
        return await _item(request, form, problem.fields, 422)
    undo = f"undo={decision.entry_id}" if decision.may_undo and decision.entry_id else "notice=all-decided"
    return redirect(f"/moderation?{undo}")


async def claim(request: Request) -> Response:
    """Take an item, or leave it to others again."""
    require_staff(request.state.actor)
    form = await form_of(request, "claim")
    item_id = path_id(request, "item_id")
    act = queue.claim if form.one_of("claim", ("yes", "no")) == "yes" else queue.unclaim
    await act(db_of(request), request.state.actor, item_id)
    return redirect(f"/moderation/items/{item_id}" if act is queue.claim else "/moderation")


def _kinds(request: Request) -> Kinds:
    kinds: Kinds = request.app.state.queue
    return kinds


async def _ruling(db: Database, form: Form) -> Ruling:
    note, title, text = (form.get(name, "").strip() for name in ("note", "title", "body"))
    if len(note) > MAX_LETTER:
        raise Invalid(note=f"At most {MAX_LETTER} characters; this has {len(note)}.")
    if len(title) > MAX_TITLE or len(text) > MAX_BODY:
        raise Invalid(body=f"At most {MAX_BODY:,} characters, and {MAX_TITLE} in the title.")
    reason_id = form.whole("reason_id")
    template = await queries.reason(db, reason_id) if reason_id else None
    name, letter = (template.name, template.letter) if template else ("", "")
    return Ruling(name or note[:100], "\n\n".join(part for part in (letter, note) if part), title, text)


async def _queue(
    request: Request, form: Form | None = None, problems: dict[str, str] | None = None, status: int = 200
) -> Response:
    db, actor, kinds, typed = db_of(request), request.state.actor, _kinds(request), form or Form(())
    kind = request.query_params.get("kind", "")
    kind = kind if kind in kinds else ""
    items = await queries.waiting(db, actor, kind=kind, after=query_int(request, "after"), limit=A_PAGE + 1)
    counts = await queries.counts(db, actor)
    base = f"/moderation?kind={kind}&" if kind else "/moderation?"
    page = QueuePage(
        actor=actor,
        waiting=await _waiting(db, actor, kinds, items[:A_PAGE]),
        tabs=_tabs(kinds, kind, counts),
        reasons=await queries.reasons(db),
        older=f"{base}after={items[A_PAGE - 1].id}" if len(items) > A_PAGE else "",
        chosen=frozenset(typed.ids("item_ids")),
        reason_id=typed.get("reason_id", ""),
        note=typed.get("note", ""),
        problems=problems or {},
    )
    return render(request, "moderation/queue.html", page, status)


def _tabs(kinds: Kinds, current: str, counts: dict[str, int]) -> list[tuple[str, str, bool]]:
    total = sum(counts.values())
    tabs = [("/moderation", f"All ({total})", not current)]
    for name, kind in kinds.items():
        if counts.get(name) or name == current:
            tabs.append((f"/moderation?kind={name}", f"{kind.label} ({counts.get(name, 0)})", name == current))
    return tabs


async def _waiting(db: Database, actor: Actor, kinds: Kinds, items: Sequence[Item]) -> list[Waiting]:
    """The items that have a card: what was solved or moved a moment ago has none."""
    cards: dict[tuple[str, int], Card] = {}
    for name, kind in kinds.items():
        if ids := [item.subject_id for item in items if item.kind == name]:
            cards |= {(name, card.subject_id): card for card in await kind.cards(db, actor, ids)}
    authors = {card.author_id for card in cards.values() if card.author_id}
    histories = await queries.histories(db, actor, sorted(authors)) if authors else {}
    found = []
    for item in items:
        card = cards.get((item.kind, item.subject_id))
        if card is not None:
            kind = kinds[item.kind]
            found.append(
                Waiting(
                    item=item,
                    card=card,
                    kind_label=kind.label,
                    deeds=[(name, deed.label) for name, deed in kind.deeds.items()],
                    wants_reason=any(deed.needs_reason for deed in kind.deeds.values()),
                    history=histories.get(card.author_id or 0),
                    may_decide=policy.may_decide(actor, item),
                    is_mine=item.is_claimed and item.claimed_by == actor.id,
                )
            )
    return found


async def _item(
    request: Request, form: Form | None = None, problems: dict[str, str] | None = None, status: int = 200
) -> Response:
    db, actor = db_of(request), request.state.actor
    item = await queries.item(db, actor, path_id(request, "item_id"))
    found = [] if item.decided_at else await _waiting(db, actor, _kinds(request), [item])
    waiting, typed = (found[0] if found else None), form or Form(())
    page = ItemPage(
        actor=actor,
        item=item,
        waiting=waiting,
        reasons=await queries.reasons(db),
        title=typed.get("title") or (waiting.card.title if waiting else ""),
        text=typed.get("body") or (waiting.card.text if waiting else ""),
        reason_id=typed.get("reason_id", ""),
        note=typed.get("note", ""),
        problems=problems or {},
    )
    return render(request, "moderation/item.html", page, status)


routes = [
    Route("/moderation", show_queue),
    Route("/moderation", decide_many, methods=["POST"]),
    Route("/moderation/items/{item_id:int}", show_item),
    Route("/moderation/items/{item_id:int}", decide_item, methods=["POST"]),
    Route("/moderation/items/{item_id:int}/claim", claim, methods=["POST"]),
]
