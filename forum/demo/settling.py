"""Lays the ground of the demo: districts, members, groups, categories and topics."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from forum.categories import commands as categories
from forum.categories.types import CategoryDraft
from forum.demo import queries
from forum.demo.chance import share
from forum.demo.types import Category, Community, Member
from forum.districts import commands as districts
from forum.kit.db import Database, value
from forum.members import profile
from forum.members.bulk import KnownMember, insert_members
from forum.topics import commands as topics

UNREAD_SINCE = timedelta(days=20)
JUST_NOW = timedelta(minutes=30)
PLACES = ((1_500, "rural"), (5_000, "town"), (15_000, "suburb"), (10**9, "city"))


@dataclass(frozen=True)
class Ground:
    """What threads stand on: ids by name, handle and slug, and who may read each category."""

    now: datetime
    districts: dict[str, int]
    members: dict[str, int]
    joined: dict[str, datetime]
    categories: dict[str, int]
    topics: dict[str, int]
    readers: dict[str, list[str]]


async def settle(db: Database, community: Community) -> Ground:
    """Add everybody and everything but threads. `now` is the database's, when the transaction began."""
    now = await value(db, "SELECT now()")
    joined = _joined(community, now)
    places = await _settle_districts(db, community)
    members = await _settle_members(db, community, places, joined, now)
    groups = {}
    for group in community.groups:
        ids = [members[each.handle] for each in community.members if each.group == group.slug]
        groups[group.slug] = await profile.add_to_group(db, group.slug, group.name, ids)
    rooms = {each.slug: await categories.add_category(db, _draft(each, groups)) for each in community.categories}
    for member in community.members:
        for slug in member.moderates:
            await categories.add_moderator(db, slug, members[member.handle])
    words = {each.slug: await topics.add_topic(db, each.slug, each.synonyms) for each in community.topics}
    return Ground(now, places, members, joined, rooms, words, await queries.readers(db))


def _joined(community: Community, now: datetime) -> dict[str, datetime]:
    """When each member came: before the first thread; a newcomer the day before their own first post, or just now."""
    return {each.handle: now - _membership(community, each) for each in community.members}


def _membership(community: Community, member: Member) -> timedelta:
    """How long somebody has been a member."""
    if not member.newcomer:
        return timedelta(days=community.oldest_days + 1 + 365 * share("joined", member.handle))
    own = community.days_of_posts(member.handle)
    return timedelta(days=max(own) + 1) if own else JUST_NOW


async def _settle_districts(db: Database, community: Community) -> dict[str, int]:
    return {
        each.name: await districts.add_district(
            db,
            each.name,
            state="Columbia",
            enrolment=each.enrolment,
            domains=each.domains,
            locale=_locale(each.enrolment),
        )
        for each in community.districts
    }


def _locale(enrolment: int) -> str:
    """What kind of place has that many students, in the demo."""
    return next(place for most, place in PLACES if enrolment < most)


async def _settle_members(
    db: Database, community: Community, places: dict[str, int], joined: dict[str, datetime], now: datetime
) -> dict[str, int]:
    domains = {each.name: each.domains[0] for each in community.districts}
    return await insert_members(
        db,
        [
            KnownMember(
                handle=each.handle,
                name=each.name,
                title=each.title,
                role=each.role,
                district_id=places.get(each.district),
                address=f"{each.handle}@{each.domain or domains[each.district]}",
                unread_since=_unread_since(each, now),
                created_at=joined[each.handle],
            )
            for each in community.members
        ],
    )


def _unread_since(member: Member, now: datetime) -> datetime:
    return now - (JUST_NOW if member.newcomer else UNREAD_SINCE)


def _draft(category: Category, groups: dict[str, int]) -> CategoryDraft:
    return CategoryDraft(
        slug=category.slug,
        name=category.name,
        description=category.description,
        colour=category.colour,
        parent=category.parent,
        default_kind=category.kind,
        ask_template=category.template,
        read_by=category.read,
        reply_by=category.reply,
        start_by=category.start,
        lets_vendors_in=category.vendors,
        groups=[groups[slug] for slug in category.groups],
    )
