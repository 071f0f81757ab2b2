"""Lists of threads: latest, unread, unanswered, top, each by category or topic, in pages by key."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from forum.categories.policy import READABLE_THREADS, READER
from forum.kit.db import Database, many
from forum.members.types import Actor
from forum.threads.types import ThreadRow

THREADS_A_PAGE = 30
PERIODS = {
    "week": timedelta(days=7),
    "month": timedelta(days=31),
    "year": timedelta(days=366),
    "all": timedelta(days=366_000),
}
THE_PAST = datetime(1970, 1, 1, tzinfo=UTC)

UNREAD = "(r.id IS NOT NULL AND t.active_at > r.unread_since AND coalesce(k.number, 0) < t.last_number)"

ROW_SQL = f"""
    SELECT t.id, t.slug, t.title, t.kind, t.is_locked, t.is_pinned, t.accepted_post_id IS NOT NULL AS is_answered,
           t.reply_count, t.score, t.active_at,
           c.slug AS category_slug, c.name AS category_name, c.colour AS category_colour,
           a.id AS author_id, a.name AS author_name, d.name AS author_district,
           (SELECT string_agg(o.slug, ' ' ORDER BY o.slug) FROM thread_topic tt JOIN topic o ON o.id = tt.topic_id
            WHERE tt.thread_id = t.id) AS topics,
           coalesce(k.number, 0) AS read_number, {UNREAD} AS is_unread
    FROM thread t
    JOIN category c ON c.id = t.category_id
    JOIN member a ON a.id = t.author_id
    LEFT JOIN district d ON d.id = a.district_id
    {READER}
    LEFT JOIN read_mark k ON k.thread_id = t.id AND k.member_id = r.id
    WHERE t.deleted_at IS NULL AND {READABLE_THREADS}
"""
# A number, not a value: of an unknown limit PostgreSQL thinks so ill that it plans every request anew.
MOST = THREADS_A_PAGE + 1
# The moment that a Place's key stands for.
KEY_MOMENT = "timestamptz 'epoch' + CAST(:key AS bigint) * interval '1 microsecond'"
BY_TIME = f"""
    AND (t.active_at, t.id) < ({KEY_MOMENT}, :id)
    ORDER BY t.active_at DESC, t.id DESC LIMIT {MOST}
"""
BY_SCORE = f"AND (t.score, t.id) < (:key, :id) ORDER BY t.score DESC, t.id DESC LIMIT {MOST}"
# A value asked for once, not a join: only so does an index bound the scan.
THE_CATEGORY = "t.category_id = (SELECT i.id FROM category i WHERE i.slug = :category)"
UNREAD_SINCE = "(SELECT m.unread_since FROM member m WHERE m.id = :actor_id)"

IN_CATEGORY = f"AND {THE_CATEGORY} AND NOT (t.is_pinned AND CAST(:hides_pinned AS boolean))"
WITH_TOPIC = """AND EXISTS (
    SELECT 1 FROM thread_topic tt JOIN topic o ON o.id = tt.topic_id WHERE tt.thread_id = t.id AND o.slug = :topic
)"""
# By whether there is a category, and a topic.
PLACES = {
    (False, False): "",
    (True, False): IN_CATEGORY,
    (False, True): WITH_TOPIC,
    (True, True): f"{IN_CATEGORY} {WITH_TOPIC}",
}
ORDERS = {
    "latest": BY_TIME,
    "unread": f"AND t.active_at > {UNREAD_SINCE} AND {UNREAD} {BY_TIME}",
    "unanswered": f"AND t.kind = 'question' AND t.reply_count = 0 {BY_TIME}",
    "top": f"AND t.created_at > now() - CAST(:period AS interval) {BY_SCORE}",
}
LIST_SQL = {
    (order, *place): f"{ROW_SQL} {PLACE} {ORDER}" for order, ORDER in ORDERS.items() for place, PLACE in PLACES.items()
}
PINNED_SQL = f"{ROW_SQL} AND t.is_pinned AND {THE_CATEGORY} ORDER BY t.active_at DESC, t.id DESC LIMIT 10"


@dataclass(frozen=True)
class Place:
    """Where a page of a list begins: behind the thread or event with this key (µs since 1970, or a score) and id."""

    key: int = 2**53
    id: int = 2**62

    @classmethod
    def from_text(cls, text: str, start: "Place | None" = None) -> "Place":
        """The place written "key.id" in a link; `start`, or the beginning, when it is anything else."""
        key, _, thread_id = text.partition(".")
        is_ours = all(part.isascii() and part.isdigit() and len(part) < 17 for part in (key, thread_id))
        return cls(int(key), int(thread_id)) if is_ours else start or cls()

    @classmethod
    def at(cls, moment: datetime, row_id: int) -> "Place":
        return cls((moment - THE_PAST) // timedelta(microseconds=1), row_id)

    @property
    def text(self) -> str:
        return f"{self.key}.{self.id}"

    @property
    def is_start(self) -> bool:
        return self == Place()


@dataclass(frozen=True)
class Selection:
    """Which threads, in which order. `order` is a key of ORDERS, `period` one of PERIODS (for "top")."""

    order: str = "latest"
    category: str = ""
    topic: str = ""
    period: str = "month"


def place_behind(row: ThreadRow, order: str) -> str:
    """The text of the place behind `row`, for the link to the next page."""
    place = Place(row.score, row.id) if order == "top" else Place.at(row.active_at, row.id)
    return place.text


async def threads(db: Database, actor: Actor, selection: Selection, place: Place | None = None) -> list[ThreadRow]:
    """The next threads behind `place` that `actor` may read: a page, and one more if there is another page."""
    place = place or Place()
    values: dict[str, object] = {"actor_id": actor.id, "key": place.key, "id": place.id}
    if selection.order == "top":
        values |= {"period": PERIODS[selection.period], "key": min(place.key, 2**31 - 1)}
    if selection.category:
        values |= {"category": selection.category, "hides_pinned": selection.order == "latest"}
    if selection.topic:
        values |= {"topic": selection.topic}
    sql = LIST_SQL[selection.order, bool(selection.category), bool(selection.topic)]
    return await many(db, ThreadRow, sql, **values)


async def pinned(db: Database, actor: Actor, category: str) -> list[ThreadRow]:
    """The pinned threads of a category, which stand above its latest."""
    return await many(db, ThreadRow, PINNED_SQL, actor_id=actor.id, category=category)
