"""Loads the demo community into an empty database."""

from forum.demo import queries
from forum.demo.announcing import announce
from forum.demo.asking import ask
from forum.demo.community import read_community
from forum.demo.contracting import sign_contracts
from forum.demo.following import follow
from forum.demo.moderating import leave_work
from forum.demo.owning import own
from forum.demo.posting import post_all, rendered
from forum.demo.rating import rate
from forum.demo.searching import look_for
from forum.demo.settling import Ground, settle
from forum.demo.stocking import stock
from forum.demo.telling import tell
from forum.demo.types import Community, Draft
from forum.kit.db import Database, run_long
from forum.members import joining
from forum.members.queries import actor
from forum.members.types import JoinDraft
from forum.threads.drafts import save_draft

ALONE = "SELECT pg_advisory_xact_lock(hashtext('demo'))"


async def load_demo(db: Database) -> bool:
    """Add the whole demo community, always the same, with times relative to now.

    False, and nothing is changed, when there are members already. Raises Mistake when its files do not fit together.
    """
    if await queries.is_inhabited(db):
        return False
    community = read_community()
    html = rendered(community)
    async with db.transaction():
        await run_long(db, ALONE)
        if await queries.is_inhabited(db):
            return False
        ground = await settle(db, community)
        thread_ids = await post_all(db, community, ground, html)
        await _knock(db, community, ground)
        titles = {thread.title: thread_id for thread, thread_id in zip(community.threads, thread_ids, strict=True)}
        for draft in community.drafts:
            await _keep(db, ground, draft, titles)
        await announce(db, ground, titles)
        await leave_work(db, community, ground, titles)
        await stock(db, community.catalogue, ground)
        await rate(db, community, ground)
        await sign_contracts(db, community, ground)
        await ask(db, community, ground)
        await own(db, community, ground)
        await look_for(db, ground)
        await follow(db, ground)
        await tell(db)
    return True


async def _knock(db: Database, community: Community, ground: Ground) -> None:
    """Bring those who wait for an answer: who has asked to join, and who was invited."""
    for request in community.join_requests:
        district_id = ground.districts.get(request.district)
        draft = JoinDraft(request.name, request.title, request.address, district_id, request.note)
        await joining.ask_to_join(db, draft)
    for invitation in community.invitations:
        inviter = await actor(db, ground.members[invitation.by])
        await joining.invite(db, inviter, invitation.address, None)


async def _keep(db: Database, ground: Ground, draft: Draft, thread_ids: dict[str, int]) -> None:
    key = f"thread:{thread_ids[draft.reply_to]}" if draft.reply_to else "ask"
    form = {name: getattr(draft, name) for name in ("title", "body", "category", "kind", "topics")}
    await save_draft(db, await actor(db, ground.members[draft.by]), key, form)
