"""Mails of events that are moved or cancelled: to who comes and to who hears of them by every message, one for each
change, from what they knew to what is now.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from forum.categories.policy import READABLE_THREAD
from forum.events.policy import EVENT_THERE
from forum.following.hearing import ON_BREAK, heard
from forum.following.types import Heard
from forum.kit.db import Database, Row, rows, run, value
from forum.kit.tools import Tools
from forum.mail.announcing import WAIT_MIN
from forum.mail.composing import Draft, house
from forum.mail.digests.choosing import MUTED
from forum.mail.instant import AWAY, GONE, NOT_HEARD, Post, event_lines, posts_of, reader_of
from forum.mail.queries import recipients
from forum.mail.queueing import LEASE_S
from forum.mail.reasons import names_of
from forum.mail.types import KNOWN, NO_ADDRESS, Claimed, House, Letter, Ready, Rendered, Unwanted
from forum.mail.wording import rendered

LATER = "It was changed again, and a later email says so."
OVER = "It is over."
TIME, FACTS = ("starts_at", "ends_at", "time_zone"), ("place", "link", "is_cancelled")
QUEUE_SQL = """
    INSERT INTO mail (member_id, kind, dedupe_key, post_id, version, next_at, message_id)
    SELECT x.member_id, 'change', 'change:' || e.post_id || ':' || x.member_id || ':' || e.version,
           e.post_id, e.version, e.changed_at + CAST(:wait AS integer) * interval '1 minute',
           'change.' || e.post_id || '.' || e.version || '@' || CAST(:domain AS text)
    FROM event e
    JOIN post p ON p.id = e.post_id
    CROSS JOIN LATERAL (
        SELECT y.member_id FROM unnest(CAST(:member_ids AS bigint[])) y (member_id)
        UNION SELECT g.member_id FROM event_guest g WHERE g.post_id = e.post_id
        UNION SELECT p.author_id
    ) x
    WHERE e.post_id = :post_id AND e.version = CAST(:version AS bigint) AND x.member_id <> :by_id
    ORDER BY x.member_id
    ON CONFLICT (dedupe_key) DO NOTHING
"""
# How a guest follows the thread of an event whose changes are mailed to them.
AS_GUEST = "f.level IS NULL OR f.level = 'each' OR f.level = 'digest' AND f.reason <> 'chosen'"
# Guests, and who announced it where somebody else changed it. Whoever left or muted its thread, or chose to hear of it
# otherwise, is no guest in this.
CONCERNED_SQL = f"""
    SELECT m.post_id, m.member_id, t.id AS thread_id,
           CASE WHEN g.post_id IS NULL THEN 'asked' ELSE 'coming' END AS since
    FROM mail m
    JOIN post p ON p.id = m.post_id
    JOIN thread t ON t.id = p.thread_id
    JOIN category c ON c.id = t.category_id
    JOIN member r ON r.id = m.member_id AND r.state = 'active'
    LEFT JOIN event_guest g ON g.post_id = m.post_id AND g.member_id = r.id
    LEFT JOIN follow f ON f.member_id = r.id AND f.kind = 'thread' AND f.target_id = t.id
    LEFT JOIN mail_wish h ON h.member_id = r.id
    WHERE m.id = ANY(CAST(:mail_ids AS bigint[])) AND {READABLE_THREAD} AND NOT {MUTED}
      AND NOT coalesce(h.stops_all OR {ON_BREAK}, false)
      AND CASE WHEN g.post_id IS NULL THEN p.author_id = r.id AND f.level = 'each'
               ELSE {AS_GUEST} END
    ORDER BY m.id
"""
# Events to come that tell a guest of their changes.
TELLING_SQL = f"""
    SELECT count(*)
    FROM event_guest g
    JOIN event e ON e.post_id = g.post_id AND e.ends_at > now() AND NOT e.is_cancelled
    JOIN post p ON p.id = e.post_id
    JOIN thread t ON t.id = p.thread_id
    JOIN category c ON c.id = t.category_id
    JOIN member r ON r.id = g.member_id
    LEFT JOIN follow f ON f.member_id = r.id AND f.kind = 'thread' AND f.target_id = t.id
    LEFT JOIN mail_wish h ON h.member_id = r.id
    WHERE g.member_id = :member_id AND {EVENT_THERE} AND {READABLE_THREAD} AND NOT {MUTED}
      AND NOT coalesce(h.stops_all OR {ON_BREAK}, false) AND ({AS_GUEST})
"""
# What was due while its event was away goes on while that is still to come, once, if nothing was changed since.
SEND_ON_SQL = f"""
    UPDATE mail x
    SET state = 'waiting', attempts = 0, outcome = '', created_at = now(), next_at = now(), ended_at = NULL
    FROM event e
    WHERE e.post_id = :post_id AND e.starts_at > now() AND x.post_id = e.post_id AND x.version = e.version
      AND x.kind = 'change' AND x.state = 'unwanted' AND x.outcome = '{AWAY}'
"""
# What each was told: by a mail of a change, or by the event's own mail, whose words are a little older than its end.
MAILED = f"""
    SELECT d.id, max(o.version) FILTER (
               WHERE o.kind = 'change' AND o.version < d.version AND (o.state = 'sent' OR o.is_unsure)
           ) AS version,
           max(o.ended_at) FILTER (WHERE o.kind = 'instant' AND o.state = 'sent') - interval '{LEASE_S} seconds' AS at
    FROM due d
    JOIN mail o ON o.post_id = d.post_id AND o.member_id = d.member_id
    GROUP BY d.id
"""
# What each knew last: that, or what stood there when they said that they come; else what stood there before the first
# of changes that came one upon the other.
KNEW = """
    SELECT d.id, coalesce(greatest(w.version, v.seen), v.stood) AS version
    FROM due d
    JOIN event e ON e.post_id = d.post_id
    JOIN mailed w ON w.id = d.id
    LEFT JOIN event_guest g ON g.post_id = d.post_id AND g.member_id = d.member_id
    CROSS JOIN LATERAL (SELECT greatest(w.at, g.said_at) AS at) s
    CROSS JOIN LATERAL (
        SELECT CASE WHEN s.at IS NOT NULL THEN coalesce(min(o.version) FILTER (WHERE o.until > s.at), e.version) END
                   AS seen,
               min(o.version) FILTER (
                   WHERE o.until > e.changed_at - CAST(:wait AS integer) * interval '1 minute'
               ) AS stood
        FROM event_before o
        WHERE o.post_id = d.post_id
    ) v
"""
CHANGES_SQL = f"""
    WITH due AS MATERIALIZED (
        SELECT m.id, m.post_id, m.member_id, m.version FROM mail m WHERE m.id = ANY(CAST(:mail_ids AS bigint[]))
    ),
    mailed AS MATERIALIZED ({MAILED}),
    knew AS ({KNEW})
    SELECT d.id, d.post_id, d.version, e.version AS newest, e.starts_at, e.ends_at, e.time_zone, e.place, e.link,
           e.is_cancelled, {EVENT_THERE} AS is_there, e.ends_at <= now() AS is_over,
           b.version AS was_version, b.starts_at AS was_starts_at, b.ends_at AS was_ends_at,
           b.time_zone AS was_time_zone, b.place AS was_place, b.link AS was_link, b.is_cancelled AS was_is_cancelled,
           b.ends_at <= now() AS was_over
    FROM due d
    JOIN knew k ON k.id = d.id
    JOIN event e ON e.post_id = d.post_id
    JOIN post p ON p.id = e.post_id
    JOIN thread t ON t.id = p.thread_id
    LEFT JOIN event_before b ON b.post_id = d.post_id AND b.version = k.version
"""


@dataclass(frozen=True)
class ChangePage:
    """What has become of an event. before: what is not so any more, line by line; now: when and where it is."""

    title: str
    headline: str
    before: tuple[str, ...]
    now: tuple[str, ...]
    link: str
    url: str
    calendar_url: str


async def queue_change(tools: Tools, post_id: int, version: int, by_id: int) -> None:
    """A mail for each whom that change of an event concerns, but for who made it; none if it was changed again."""
    told = [each.member_id for each in await heard(tools.db, [post_id]) if each.level == "each"]
    await run(
        tools.db,
        QUEUE_SQL,
        post_id=post_id,
        version=version,
        by_id=by_id,
        member_ids=told,
        wait=WAIT_MIN,
        domain=tools.settings.mailing_domain,
    )


async def telling(db: Database, member_id: int) -> int:
    """How many events to come, of those that a member says they come to, tell them by email when they change."""
    count: int = await value(db, TELLING_SQL, member_id=member_id)
    return count


async def send_on(db: Database, post_id: int) -> None:
    """A post is back, and so are mails of it: whoever was not mailed that its event has changed, as it was away, is."""
    await run(db, SEND_ON_SQL, post_id=post_id)


async def render_changes(tools: Tools, claimed: Sequence[Claimed]) -> Rendered:
    """Each mail of a change, or why it is not sent: as many queries for any number of them."""
    home, now, mail_ids = await house(tools), datetime.now(UTC), [each.id for each in claimed]
    changes = {row["id"]: row for row in await rows(tools.db, CHANGES_SQL, mail_ids=mail_ids, wait=WAIT_MIN)}
    posts = await posts_of(tools.db, home, {row["post_id"] for row in changes.values()})
    told = await _told(tools.db, claimed)
    names = await names_of(tools.db, told.values())
    people = await recipients(tools.db, sorted({each.member_id for each in claimed}))
    drafts: dict[tuple[str, ChangePage], Draft] = {}
    made: dict[int, Ready | Unwanted] = {}
    for mail in claimed:
        post, change = posts.get(mail.post_id or 0), changes.get(mail.id)
        hearing, person = told.get((mail.post_id or 0, mail.member_id)), people.get(mail.member_id)
        if post is None or change is None:
            made[mail.id] = Unwanted(GONE)
        elif outcome := _not_to_tell(post, change):
            made[mail.id] = Unwanted(outcome)
        elif hearing is None:
            made[mail.id] = Unwanted(NOT_HEARD)
        elif person is None:
            made[mail.id] = Unwanted(NO_ADDRESS)
        else:
            copy = mail.message_id, _page(home, post, change, person.zone(tools.settings.time_zone))
            if copy not in drafts:
                drafts[copy] = Draft(home, _letter(home, post, *copy))
            reader = reader_of(hearing, post, person.address, names)
            made[mail.id] = Ready(drafts[copy].to(reader, now), person.address)
    return made


async def _told(db: Database, claimed: Sequence[Claimed]) -> dict[tuple[int, int], Heard]:
    """By post and member, who is to hear of it now and why: that somebody comes is the closest reason."""
    post_ids, member_ids = ({each.post_id or 0 for each in claimed}, {each.member_id for each in claimed})
    told = {
        (each.post_id, each.member_id): each
        for each in await heard(db, sorted(post_ids), sorted(member_ids))
        if each.level == "each"
    }
    for row in await rows(db, CONCERNED_SQL, mail_ids=[each.id for each in claimed]):
        key = row["post_id"], row["member_id"]
        told[key] = Heard(*key, "each", 0, "thread", row["thread_id"], row["since"])
    return told


def _not_to_tell(post: Post, change: Row) -> str:
    """Why nobody is told of it by this mail, "" for no reason."""
    if post.is_away or not change["is_there"]:
        return AWAY
    if change["version"] < change["newest"]:
        return LATER
    if change["was_version"] is None or _is_same(change):
        return KNOWN
    return OVER if change["is_over"] and change["was_over"] else ""


def _is_same(change: Row) -> bool:
    if change["is_cancelled"] and change["was_is_cancelled"]:
        return True
    return all(change[name] == change[f"was_{name}"] for name in (*TIME, *FACTS))


def _page(home: House, post: Post, change: Row, own_zone: ZoneInfo) -> ChangePage:
    was = event_lines({name: change[f"was_{name}"] for name in (*TIME, *FACTS)}, own_zone)
    now = event_lines(change, own_zone)
    return ChangePage(
        title=post.title,
        headline=_headline(change),
        before=tuple(line for line in was if line not in now),
        now=now,
        link=change["link"],
        url=home.url + post.path,
        calendar_url=f"{home.url}/events/{post.thread_id}.ics",
    )


def _headline(change: Row) -> str:
    if change["is_cancelled"]:
        return "This event is canceled."
    if change["was_is_cancelled"]:
        return "This event takes place after all."
    is_moved = change["place"] != change["was_place"]
    if any(change[name] != change[f"was_{name}"] for name in TIME):
        return "This event has a new time and place." if is_moved else "This event has a new time."
    return "This event has a new place." if is_moved else "This event has a new link."


def _letter(home: House, post: Post, message_id: str, page: ChangePage) -> Letter:
    words = rendered(home, "change", page)
    return Letter(
        kind="change",
        subject=post.title,
        text=words.text,
        html=words.html,
        message_id=message_id,
        parents=(post.first_message_id,),
        list_slug=post.category_slug,
        list_name=post.category_name,
        page_path=post.path,
    )
