"""Every address the forum has: each route with each id there is, or with one of each kind of id."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tests.routes import PLACE, requests
from tests.walker.people import Row, Walker, World
from tests.walker.seen import RULES

Places = Mapping[str, object]


@dataclass(frozen=True)
class Address:
    """One address: the route's pattern, and what stands at its places."""

    pattern: str
    places: Places = field(default_factory=dict)

    @property
    def url(self) -> str:
        return PLACE.sub(lambda place: str(self.places[place[1]]), self.pattern)


def addresses(world: World, method: str) -> Iterator[Address]:
    """Every route of `method` with every value of its places. Raises KeyError for a place nobody has told about."""
    yield from _all(method, lambda pattern, place: values(world, pattern, place))


def some_addresses(world: World, who: Sequence[Walker], method: str) -> Iterator[Address]:
    """As `addresses`, with one row of all those that the same people may see."""
    kinds: dict[str, list[Row]] = {}

    def few(pattern: str, place: str) -> list[object]:
        found = source(pattern, place)
        if found is None:
            return values(world, pattern, place)[:1]
        table, column = found
        if table not in kinds:
            kinds[table] = list({likeness(world, who, table, row): row for row in world.tables[table]}.values())
        return [row[column] for row in kinds[table]]

    yield from _all(method, few)


def likeness(world: World, who: Sequence[Walker], table: str, row: Row) -> tuple[object, ...]:
    """What two rows of a table have in common that the same people may see."""
    rules = {rule for column, rule in RULES.items() if column.partition(".")[0] == table}
    ordered = sorted(rules, key=lambda rule: rule.__name__)
    own = (w.member_id in (row.get("member_id"), row.get("author_id")) for w in who)
    has_note = table == "member" and world.one("staff_note", member_id=row["id"]) is not None
    waits = row.get("decided_at") is None
    kind = row.get("kind") or (world.one("thread", id=row["thread_id"])["kind"] if table == "post" else "")
    place = (kind, row.get("act"), row.get("format"), row.get("district_id") if table == "review_round" else None)
    return (*(rule(world, w, row) for rule in ordered for w in who), *own, has_note, waits, *place)


def _all(method: str, values_of: Callable[[str, str], Sequence[object]]) -> Iterator[Address]:
    for verb, pattern in sorted(set(requests())):
        if verb == method:
            for places in _filled(pattern, PLACE.findall(pattern), values_of):
                yield Address(pattern, places)


def _filled(
    pattern: str, names: list[str], values_of: Callable[[str, str], Sequence[object]]
) -> Iterator[dict[str, object]]:
    if not names:
        yield {}
        return
    for value in values_of(pattern, names[0]):
        for rest in _filled(pattern, names[1:], values_of):
            yield {names[0]: value, **rest}


def values(world: World, pattern: str, place: str) -> list[object]:
    """What may stand at a place of a path."""
    found = source(pattern, place)
    if found is None:
        return list(WORDS["page" if pattern.startswith("/admin/pages") else place])
    table, column = found
    return [row[column] for row in world.tables[table]]


def source(pattern: str, place: str) -> tuple[str, str] | None:
    """The table and column whose values stand at a place of a path, None where words do."""
    head = pattern.partition("{slug}")[0].rstrip("/").rpartition("/")[2]
    if place == "slug":
        return (TABLE_OF_SLUG[head], "slug") if head in TABLE_OF_SLUG else None
    return None if place in WORDS else ID_OF[place]


TABLE_OF_SLUG = {"c": "category", "topics": "topic", "products": "product", "vendors": "vendor"}
WORDS: dict[str, tuple[str, ...]] = {
    "slug": ("anything",),
    "order": ("latest", "unanswered", "top", "unread"),
    "token": ("x" * 22,),
    "signed": ("1-stop-all-0-1790000000-" + "x" * 22,),
    "name": ("keyboard", "accessibility"),
    "provider": ("google", "microsoft"),
    "method": ("passkey", "google"),
    "logo_hash": ("0123456789abcdef",),
    "look_hash": ("0123456789abcdef",),
    "version": ("1",),
    "job_id": ("1",),
    "deed": ("1.everything.0.none.0.web.0.-." + "0" * 32,),
    "page": ("terms", "privacy"),
}
# Whose ids a place of a path holds: a new place needs its line here.
ID_OF = {
    "thread_id": ("thread", "id"),
    "post_id": ("post", "id"),
    "handle": ("member", "handle"),
    "session_id": ("session", "id"),
    "request_id": ("join_request", "id"),
    "mail_id": ("screen_mail", "id"),
    "queued_id": ("mail", "id"),
    "category_id": ("category", "id"),
    "announcement_id": ("announcement", "id"),
    "entry_id": ("audit_entry", "id"),
    "item_id": ("queue_item", "id"),
    "held_id": ("held_post", "id"),
    "note_id": ("staff_note", "id"),
    "list_id": ("invitation_list", "id"),
    "invitation_id": ("invitation", "id"),
    "group_id": ("member_group", "id"),
    "silence_id": ("silence", "id"),
    "member_id": ("member", "id"),
    "flag_id": ("post_flag", "id"),
    "word_id": ("watched_word", "id"),
    "reason_id": ("reason_template", "id"),
    "identity_id": ("identity", "id"),
    "passkey_id": ("passkey", "id"),
    "review_id": ("review", "id"),
    "asked_id": ("owner_asked", "id"),
    "question_id": ("owner_question", "id"),
    "round_id": ("review_round", "id"),
    "contract_list_id": ("contract_list", "id"),
    "contract_id": ("contract", "id"),
    "saved_id": ("saved_search", "id"),
    "synonym_id": ("search_synonym", "id"),
    "product_id": ("product", "id"),
    "topic_id": ("topic", "id"),
    "vendor_id": ("vendor", "id"),
    "quiet_id": ("quiet_time", "id"),
    "notification_id": ("notification", "id"),
}
