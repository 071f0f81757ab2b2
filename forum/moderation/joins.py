"""Requests to join as a kind of the queue: for administrators."""

from collections.abc import Mapping, Sequence

from forum.audit.queries import entries_about
from forum.kit.db import Database, rows
from forum.kit.errors import Invalid
from forum.members import joining, queries
from forum.members.policy import require_admin
from forum.members.types import MAX_REASON, Actor
from forum.moderation.types import Card, Decision, Deed, Kind, Ruling


async def cards(db: Database, actor: Actor, ids: Sequence[int]) -> list[Card]:
    """Who asks to be let in."""
    if not actor.is_admin:
        return []
    return [
        Card(
            subject_id=request.id,
            heading=f"{request.name} wants to join",
            text=request.note,
            created_at=request.created_at,
            path="/people/requests",
            lines=tuple(
                each
                for each in (
                    request.title,
                    request.district_name or "no district chosen",
                    request.address,
                    "a vendor's email domain: let in as a vendor" if request.is_vendor else "",
                )
                if each
            ),
        )
        for request in await queries.join_requests(db, ids)
    ]


async def places(db: Database, ids: Sequence[int]) -> Mapping[int, int | None]:
    """Those that still wait, in no category."""
    found = await rows(
        db,
        "SELECT q.id FROM join_request q WHERE q.id = ANY(CAST(:ids AS bigint[])) AND q.decided_at IS NULL",
        ids=list(ids),
    )
    return {row["id"]: None for row in found}


async def approve(db: Database, actor: Actor, request_id: int, ruling: Ruling) -> Decision:
    """Let them in; they hear of it by mail. Raises NotFound, Unconfirmed, Invalid."""
    return await _decide(db, actor, request_id, "", is_approved=True)


async def decline(db: Database, actor: Actor, request_id: int, ruling: Ruling) -> Decision:
    """Do not let them in; only with a reason they hear of it. Raises NotFound, Unconfirmed, Invalid."""
    return await _decide(db, actor, request_id, ruling.letter, is_approved=False)


async def _decide(db: Database, actor: Actor, request_id: int, reason: str, *, is_approved: bool) -> Decision:
    require_admin(actor)
    if len(reason) > MAX_REASON:
        raise Invalid(note=f"At most {MAX_REASON} characters; with its template this has {len(reason)}.")
    async with db.transaction():
        await joining.decide(db, actor, request_id, is_approved=is_approved, reason=reason)
        newest = await entries_about(db, "join_request", request_id, limit=1)
    entry_id = newest[0].id if newest else None
    return Decision(entry_id, "let in" if is_approved else "declined", may_undo=False)


KIND = Kind(
    "join",
    "Who joins",
    cards,
    places,
    {"approve": Deed("Let in", approve), "reject": Deed("Decline", decline)},
)
