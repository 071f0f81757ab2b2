"""Deleting an account and making one of two: every room gives up or hands over what it holds, in one transaction."""

from forum.accounts import policy, queries
from forum.accounts.types import DeletionDraft, Holdings, MergeDraft, Side
from forum.audit.commands import record
from forum.audit.types import Act
from forum.kit import limits, outbox
from forum.kit.db import Database, run
from forum.kit.errors import Invalid, NotFound
from forum.members import mailed_links
from forum.members.address import canonical
from forum.members.policy import may_administer
from forum.members.standing import keep_an_admin, wait_for_roles
from forum.members.types import Actor
from forum.products.queries import HOLD

MERGES_A_DAY = 10
PURPOSE = "merge"  # of the mailed link


async def delete(db: Database, actor: Actor, draft: DeletionDraft, holdings: Holdings) -> None:
    """Delete `actor`'s own account, for good. Raises Forbidden, Invalid; the last administrator cannot.

    Ask members.policy.require_recent first.
    """
    policy.may_delete(actor).require()
    draft.check(actor)
    async with db.transaction():
        await _wait(db)
        side = await queries.side_to_change(db, actor.id or 0)
        if side.role == "admin":
            await keep_an_admin(db, side.id, "handle")
        for holding in reversed(holdings):
            await holding.forget(db, side.id, draft.choice == "remove")
        await record(db, actor.id, Act("member.deleted", "member", side.id, after={"content": draft.choice}))


async def merge(db: Database, actor: Actor, draft: MergeDraft, holdings: Holdings) -> None:
    """Give everything of one account to another, as an administrator; the first is gone then.

    Raises Forbidden, Invalid, NotFound.
    """
    may_administer(actor).require()
    draft.check()
    sides = {name: await queries.side_of_handle(db, getattr(draft, name)) for name in ("from_handle", "into_handle")}
    problems = {name: "There is no such account." for name, side in sides.items() if side is None}
    if problems:
        raise Invalid(**problems)
    source, into = (side.id for side in sides.values() if side)
    async with db.transaction():
        await _merge(db, actor, source, into, draft.reason, holdings)


async def _merge(db: Database, actor: Actor, from_id: int, into_id: int, reason: str, holdings: Holdings) -> None:
    await _wait(db)
    locked = {each: await queries.side_to_change(db, each) for each in sorted({from_id, into_id})}
    source, into = locked[from_id], locked[into_id]
    policy.may_merge(actor, source, into).require()
    if source.role == "admin" and into.role != "admin":
        await keep_an_admin(db, source.id, "from_handle")
    for holding in reversed(holdings):
        await holding.hand_over(db, source.id, into.id)
    act = Act("member.merged", "member", into.id, before={"merged": source.id}, reason=reason)
    await record(db, actor.id, act)
    await outbox.emit(db, "member.merged", from_id=source.id, into_id=into.id)


async def _wait(db: Database) -> None:
    """Until the transaction ends no two products become one, which goes through what every room keeps as well, and
    nobody changes who is an administrator."""
    await run(db, HOLD)
    await wait_for_roles(db)


async def ask_to_merge(db: Database, actor: Actor, text: str) -> None:
    """Mail a link to the other account's address: whoever opens it there owns both. Nobody is told whether it is known.

    Raises Forbidden, Invalid when it is no address, TooMany after 10 a day.
    """
    policy.may_delete(actor).require()
    address = canonical(text)
    await limits.count(db, f"merge member {actor.id}", most=MERGES_A_DAY, seconds=86_400)
    side = await queries.side_of_address(db, address)
    from_id = side.id if side and side.id != actor.id else 0
    async with db.transaction():
        await outbox.emit(db, "member.merge_asked", from_id=from_id, into_id=actor.id or 0)


async def merge_by_link(db: Database, actor: Actor, token: str, holdings: Holdings) -> None:
    """Make the account that got the link part of `actor`'s, once. Raises NotFound when the link is not theirs."""
    async with db.transaction():
        source = await source_of_link(db, actor, token)
        await mailed_links.spend(db, token)
        await _merge(db, actor, source.id, actor.id or 0, "Asked for by their owner.", holdings)


async def source_of_link(db: Database, actor: Actor, token: str) -> Side:
    """The account that a link of `actor` would make part of theirs. Raises NotFound."""
    address = await mailed_links.own_address(db, token, PURPOSE, actor.id)
    side = await queries.side_of_address(db, address)
    if side is None or side.id == actor.id:
        raise NotFound
    return side
