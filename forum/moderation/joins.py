"""Requests to join as a kind of the queue: for administrators."""

from collections.abc import Mapping, Sequence

from forum.audit.queries import entries_about
from forum.kit.db import Database, rows
from forum.members import joining, queries
from forum.members.policy import require_admin
from forum.members.types import Actor
from forum.moderation.types import Card, Decision, Deed, Kind, Ruling


async def cards(db: Database, actor: Actor, ids: Sequence[int]) -> list[Card]:
    """Who asks to be let in."""
    if not actor.is_admin:
        return []
    wanted = set(ids)
    return [
        Card(
            subject_id=request.id,
            heading=f"{request.name} wants to join",
            text=request.note,
            created_at=request.created_at,
            path="/people/requests",
            lines=tuple(
                each for each in (request.title, request.district_name or "no district chosen", request.address) if each
            ),
        )
        for request in await queries.join_requests(db)
        if request.id in wanted
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
    return await _decide(db, actor, request_id, is_approved=True)


async def decline(db: Database, actor: Actor, request_id: int, ruling: Ruling) -> Decision:
    """Do not let them in; nothing is mailed. Raises NotFound, Unconfirmed."""
    return await _decide(db, actor, request_id, is_approved=False)


async def _decide(db: Database, actor: Actor, request_id: int, *, is_approved: bool) -> Decision:
    require_admin(actor)
    async with db.transaction():
        await joining.decide(db, actor, request_id, is_approved=is_approved)
        newest = await entries_about(db, "join_request", request_id, limit=1)
    return Decision(newest[0].id if newest else None, "let in" if is_approved else "declined")


KIND = Kind(
    "join",
    "Who joins",
    cards,
    places,
    {"approve": Deed("Let in", approve), "reject": Deed("Decline", decline)},
)
