"""Fills the demo's review rounds: one that is open, one that is closed with its decision."""

from datetime import timedelta

from forum.demo.settling import Ground
from forum.demo.types import Community
from forum.kit.db import Database
from forum.members.queries import actor
from forum.members.types import Actor
from forum.renewals import commands, queries, rounds
from forum.renewals.round_types import OPENS_BEFORE, AnswerDraft, DecisionDraft
from forum.renewals.types import ContractDraft

ZONE = "UTC"
NOTICE = 90
OPEN_BY, OPEN_FOR, OPEN_DAYS = "dale.whitman", "NorthGate Filter", 21
CLOSED_BY, CLOSED_FOR, CHOSEN = "carla.dietz", "Classlight", "GlassRoom"
REASON = (
    "Nobody who answered would renew without a lower price, and our teachers asked for the screens of "
    "GlassRoom. We pay the same, and the roll-out took four weeks."
)
ANSWERS = {
    OPEN_BY: (
        ("rosa.medina", AnswerDraft("only_if", 3, "Blocking is solid.", "Support takes four days.", "Beacon Web")),
        (
            "priya.nair",
            AnswerDraft("yes", 4, "Overrides for teachers.", "Reports beyond ninety days.", is_unnamed=True),
        ),
        ("eric.stroud", AnswerDraft("no", 2, "", "The agent broke testing week.", "SafeHall Cloud")),
    ),
    CLOSED_BY: (
        ("paula.reyes", AnswerDraft("only_if", 3, "It sits beside our filter.", "Too many clicks.", "GlassRoom")),
        ("lee.sandoval", AnswerDraft("no", 2, "", "Children close it.", advice="Ask for one term without a price.")),
    ),
}


async def ask(db: Database, community: Community, ground: Ground) -> None:
    """Add them. What else comes up soon asks nobody by itself, so that the demo stays as it is described."""
    for member in community.members:
        if member.role != "vendor" and member.district:
            await _calm(db, await actor(db, ground.members[member.handle]), ground)
    await _round(db, ground, OPEN_BY, OPEN_FOR)
    closed = await _round(db, ground, CLOSED_BY, CLOSED_FOR)
    await rounds.close(db, closed)
    decision = DecisionDraft("switched", CHOSEN, REASON)
    await rounds.decide(db, await actor(db, ground.members[CLOSED_BY]), closed, decision)


async def _calm(db: Database, keeper: Actor, ground: Ground) -> None:
    soon = ground.now.date() + timedelta(days=OPENS_BEFORE + 1)
    for contract in await queries.contracts(db, keeper):
        if ground.now.date() - timedelta(days=1) <= contract.notice_on <= soon:
            await rounds.choose_plan(db, keeper, contract.id, "nobody")


async def _round(db: Database, ground: Ground, by: str, product: str) -> int:
    """A contract of somebody's district, its round, and the answers to that."""
    keeper = await actor(db, ground.members[by])
    ends_on = ground.now.date() + timedelta(days=NOTICE + OPEN_DAYS)
    draft = ContractDraft(product, ends_on.isoformat(), str(NOTICE), "36", "12,500", "members")
    contract_id = await commands.add(db, keeper, draft)
    round_id = await rounds.open_now(db, keeper, contract_id, is_unnamed=False, time_zone=ZONE)
    for handle, answer in ANSWERS[by]:
        await rounds.answer(db, await actor(db, ground.members[handle]), round_id, answer)
    return round_id
