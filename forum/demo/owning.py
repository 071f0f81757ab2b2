"""Fills the demo's moves and owners: two stories, who may be asked, questions without a name, an offer to talk."""

from forum.demo.settling import Ground
from forum.demo.types import Community
from forum.kit.db import Database
from forum.members.queries import actor
from forum.products import owner_queries, owners, queries, stories
from forum.products.owner_types import QuestionDraft
from forum.products.story_types import StoryDraft

STORIES = (
    (
        "rosa.medina",
        "beacon-web",
        StoryDraft(
            from_name="NorthGate Filter",
            regret=2,
            went_well="Two pilot schools first, then the rest over winter break. Policies follow the roster now.",
            went_badly="Overrides for teachers had to be explained twice, and old reports stayed behind.",
            weeks=7,
            carried="some",
            carried_how="policies by hand, no reports",
            cents=640_000,
            may_be_called=True,
        ),
    ),
    (
        "eric.stroud",
        "northgate-filter",
        StoryDraft(
            from_name="SafeHall Cloud",
            regret=4,
            went_well="Home devices are filtered at last.",
            went_badly="The agent broke testing week, and support took four days to answer.",
            weeks=12,
            carried="none",
        ),
    ),
)
ASKED_ABOUT = ("northgate-filter", "beacon-web", "lantern-lms", "rosterbridge", "nightjar-edr", "tern-backup")
ASKER, OWN_ASKER = "maya.okafor", "greta.olsen"
QUESTION = QuestionDraft(
    "What did the first weeks with it cost your team?",
    "We are two people for eleven schools. What would you do before the contract starts, and what can wait?",
    is_unnamed=True,
)


OWN_QUESTION = QuestionDraft(
    "Which of its reports does your board ask for?",
    "Ours wants one page a term. We would like to hear from somebody who prints it.",
    is_unnamed=True,
)


async def own(db: Database, community: Community, ground: Ground) -> None:
    """Add them: Maya's question has an offer, and another waits for her."""
    for handle, moved_to, draft in STORIES:
        teller = await actor(db, ground.members[handle])
        await stories.tell(db, teller, moved_to, draft)
    maya = await actor(db, ground.members[ASKER])
    district_id = await queries.district_of(db, maya)
    of_maya: list[str] = []
    of_others: list[str] = []
    for address in ASKED_ABOUT:
        await _say_contacts(db, community, ground, address)
        product = await queries.product(db, maya, address)
        runs_it = await owner_queries.runs(db, district_id, product.id)
        (of_maya if runs_it else of_others).append(address)
    if of_maya:
        await owners.ask(db, await actor(db, ground.members[OWN_ASKER]), of_maya[0], OWN_QUESTION)
    if of_others:
        await owners.ask(db, maya, of_others[0], QUESTION)
        await _offer(db, community, ground, of_others[0])


async def _say_contacts(db: Database, community: Community, ground: Ground, address: str) -> None:
    """The first member of each district that runs it may be asked."""
    firsts: dict[str, str] = {}
    for member in community.members:
        if member.role != "vendor" and member.district and not member.newcomer:
            firsts.setdefault(member.district, member.handle)
    for handle in firsts.values():
        owner = await actor(db, ground.members[handle])
        product = await queries.product(db, owner, address)
        if await owner_queries.runs(db, await queries.district_of(db, owner), product.id):
            await owners.say_contact(db, owner, address, may_be_asked=True)


async def _offer(db: Database, community: Community, ground: Ground, address: str) -> None:
    """The first who is asked about the product at that address offers to talk."""
    for member in community.members:
        if member.handle == ASKER or member.role == "vendor":
            continue
        owner = await actor(db, ground.members[member.handle])
        waiting = (await owner_queries.desk(db, owner)).waiting
        asked = [each.asked_id for each in waiting if each.product_path == f"/products/{address}"]
        if asked:
            await owners.offer(db, owner, asked[0])
            return
