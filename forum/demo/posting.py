"""Lays out the threads of the demo as they stand by now: answered, marked, edited, deleted, read."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from forum.demo.chance import later, share
from forum.demo.community import Mistake
from forum.demo.settling import UNREAD_SINCE, Ground
from forum.demo.types import Community, Reply, Thread
from forum.kit.db import Database
from forum.kit.markdown import render
from forum.threads import seed
from forum.topics.bulk import insert_thread_topics
from forum.votes.bulk import KnownVote, insert_votes

MARKING_TIME = timedelta(days=60)
READ_WHOLE, READ_PARTLY = 0.45, 0.67  # of the recent threads, the others are unread


@dataclass(frozen=True)
class Sent:
    """A post; the opening one looks like a reply after no time."""

    place: int
    thread: Thread
    number: int
    reply: Reply
    sent_at: datetime

    @property
    def client_key(self) -> str:
        return f"demo-{self.place}-{self.number}"


def rendered(community: Community) -> dict[str, str]:
    """The HTML of every post by its source."""
    replies = [reply.body for thread in community.threads for reply in thread.replies]
    sources = [*(thread.body for thread in community.threads), *replies]
    return {source: render(source).html for source in sources}


async def post_all(db: Database, community: Community, ground: Ground, html: dict[str, str]) -> list[int]:
    """Add every thread with all that has happened in it. Returns their ids in order."""
    grown = [_grown_thread(community, ground, place) for place in range(len(community.threads))]
    thread_ids = await seed.insert_threads(db, grown)
    await insert_thread_topics(
        db,
        [
            (thread_id, ground.topics[slug])
            for thread_id, thread in zip(thread_ids, community.threads, strict=True)
            for slug in thread.topics
        ],
    )
    sent = sorted(_sent(community, ground.now), key=lambda each: (each.sent_at, each.place, each.number))
    posts = [_grown_post(community, ground, each, thread_ids[each.place], html) for each in sent]
    post_ids = await seed.insert_posts(db, posts)
    numbered = {(each.place, each.number): post_id for each, post_id in zip(sent, post_ids, strict=True)}
    await seed.accept_answers(db, list(_answers(ground, sent, thread_ids, numbered)))
    await seed.insert_versions(db, _versions(ground, sent, numbered))
    await insert_votes(db, _votes(community, ground, sent, numbered))
    await seed.insert_readings(db, _readings(community, ground, thread_ids))
    return thread_ids


def _sent(community: Community, now: datetime) -> Iterator[Sent]:
    for place, thread in enumerate(community.threads):
        began_at = _began_at(thread, now)
        opening = Reply(thread.by, 0.0, thread.body)
        for number, reply in enumerate((opening, *thread.replies), start=1):
            yield Sent(place, thread, number, reply, began_at + timedelta(hours=reply.after_hours))


def _began_at(thread: Thread, now: datetime) -> datetime:
    return now - timedelta(days=thread.age_days)


def _active_at(thread: Thread, now: datetime) -> datetime:
    standing = [reply.after_hours for reply in thread.replies if not reply.deleted]
    return _began_at(thread, now) + timedelta(hours=max(standing, default=0.0))


def _deleted_at(thread: Thread, now: datetime) -> datetime | None:
    return later(_active_at(thread, now), now, hours=2) if thread.deleted else None


def _deleted_by(community: Community, ground: Ground, thread: Thread, gone: Thread | Reply) -> int | None:
    """Who deleted a thread or a post of it: staff where there is a reason, else its author."""
    if not gone.deleted:
        return None
    return ground.members[community.staff(thread.category) if gone.reason else gone.by]


def _grown_thread(community: Community, ground: Ground, place: int) -> seed.GrownThread:
    thread = community.threads[place]
    return seed.GrownThread(
        category_id=ground.categories[thread.category],
        author_id=ground.members[thread.by],
        kind=thread.kind,
        title=thread.title,
        is_pinned=thread.pinned,
        is_locked=thread.locked,
        created_at=_began_at(thread, ground.now),
        deleted_at=_deleted_at(thread, ground.now),
        deleted_by=_deleted_by(community, ground, thread, thread),
        delete_reason=thread.reason if thread.deleted else "",
        client_key=f"demo-{place}",
        keeps_vendors_out=thread.vendors_out,
    )


def _grown_post(
    community: Community, ground: Ground, sent: Sent, thread_id: int, html: dict[str, str]
) -> seed.GrownPost:
    reply = sent.reply
    return seed.GrownPost(
        thread_id=thread_id,
        number=sent.number,
        author_id=ground.members[reply.by],
        source=reply.body,
        html=html[reply.body],
        version=2 if reply.edited else 1,
        helpful_count=reply.helpful,
        created_at=sent.sent_at,
        edited_at=_edited_at(sent, ground.now) if reply.edited else None,
        deleted_at=later(sent.sent_at, ground.now, hours=0.3) if reply.deleted else None,
        deleted_by=_deleted_by(community, ground, sent.thread, reply),
        delete_reason=reply.reason,
        client_key=sent.client_key,
    )


def _edited_at(sent: Sent, now: datetime) -> datetime:
    return later(sent.sent_at, now, hours=1 + 20 * share("edited", sent.thread.title, sent.number))


def _answers(
    ground: Ground, sent: list[Sent], thread_ids: list[int], post_ids: dict[tuple[int, int], int]
) -> Iterator[seed.Answer]:
    for each in sent:
        if each.number - 1 == each.thread.accepted:
            accepted_at = later(each.sent_at, ground.now, hours=30 * share("accepted", each.thread.title))
            yield seed.Answer(thread_ids[each.place], post_ids[each.place, each.number], accepted_at)


def _versions(ground: Ground, sent: list[Sent], post_ids: dict[tuple[int, int], int]) -> Iterator[seed.OldVersion]:
    for each in sent:
        if each.reply.edited:
            yield seed.OldVersion(
                post_id=post_ids[each.place, each.number],
                version=1,
                source=each.reply.before,
                editor_id=ground.members[each.reply.by],
                reason=each.reply.edited,
                created_at=_edited_at(each, ground.now),
            )


def _votes(
    community: Community, ground: Ground, sent: list[Sent], post_ids: dict[tuple[int, int], int]
) -> Iterator[KnownVote]:
    vendors = {each.handle for each in community.members if each.role == "vendor"}
    for each in (one for one in sent if one.reply.helpful):
        end = min(_deleted_at(each.thread, ground.now) or ground.now, each.sent_at + MARKING_TIME)
        for handle in _voters(ground, each, vendors):
            patience = share("marked", handle, each.client_key) ** 3
            created_at = each.sent_at + (end - each.sent_at) * patience
            yield KnownVote(ground.members[handle], post_ids[each.place, each.number], created_at)


def _voters(ground: Ground, sent: Sent, vendors: set[str]) -> list[str]:
    """As many readers as found the post helpful. Raises Mistake when there are not so many."""
    able = [
        handle
        for handle in ground.readers[sent.thread.category]
        if handle not in vendors and handle != sent.reply.by and ground.joined[handle] < sent.sent_at
    ]
    if len(able) < sent.reply.helpful:
        raise Mistake(f"“{sent.thread.title}”, reply {sent.number - 1}: only {len(able)} members may mark it helpful")
    return sorted(able, key=lambda handle: share("helpful", handle, sent.thread.title, sent.number))[
        : sent.reply.helpful
    ]


def _readings(community: Community, ground: Ground, thread_ids: list[int]) -> Iterator[seed.Reading]:
    """Everybody has read up to their own posts; of the recent threads about two thirds, some only partly."""
    newcomers = {each.handle for each in community.members if each.newcomer}
    for thread, thread_id in zip(community.threads, thread_ids, strict=True):
        active_at = _active_at(thread, ground.now)
        is_recent = active_at > ground.now - UNREAD_SINCE
        for handle in ground.readers[thread.category]:
            own, seen = _own_number(thread, handle), 0
            if is_recent and handle not in newcomers:
                seen = _number_seen(thread, share("read", handle, thread.title))
            if number := max(own, seen):
                yield seed.Reading(ground.members[handle], thread_id, number, later(active_at, ground.now, hours=8))


def _own_number(thread: Thread, handle: str) -> int:
    """The number of the last post somebody has written in a thread, 0 when none."""
    authors = (thread.by, *(reply.by for reply in thread.replies))
    return max((number for number, author in enumerate(authors, start=1) if author == handle), default=0)


def _number_seen(thread: Thread, luck: float) -> int:
    last = len(thread.replies) + 1
    if luck < READ_WHOLE:
        return last
    return max(1, last // 2) if luck < READ_PARTLY else 0
