"""What each form is filled with: words that are sure to be taken, and what is visible or hidden to who fills it."""

from dataclasses import dataclass
from itertools import count

from forum.following.types import Wishes
from forum.following.wish_form import as_shown
from tests.fields import fields_at, forms
from tests.walker.addresses import Address
from tests.walker.people import Row, Walker, World, finds_post, finds_thread, is_staff, meets, reads

_n = count(1)


@dataclass(frozen=True)
class Filled:
    """A form ready to be sent. names_hidden: its fields name things that who sends it may not see."""

    fields: dict[str, str]
    names_hidden: bool = False


# A field that names something there is: a new one of that kind needs its line here, or in WORDS.
THINGS = {
    "category": ("category", "slug"),
    "parent": ("category", "slug"),
    "silence_category": ("category", "id"),
    "category_id": ("category", "id"),
    "thread_ids": ("thread", "id"),
    "of": ("thread", "id"),
    "into": ("thread", "id"),
    "post_ids": ("post", "id"),
    "handle": ("member", "handle"),
    "handles": ("member", "handle"),
    "from_handle": ("member", "handle"),
    "into_handle": ("member", "handle"),
    "member_id": ("member", "id"),
    "item_ids": ("queue_item", "id"),
}
WORDS = {
    "title": "A title that is long enough",
    "body": "Words of some length.",
    "name": "Ann Example",
    "note": "A note.",
    "about": "About me.",
    "topics": "renewals",
    "ask_template": "Ask so.",
    "reason_words": "Because.",
    "seen": "0",
    "reason": "Because.",
    "letter": "Write it again, please.",
    "words": "some words",
    "kind": "question",
    "version": "1",
    "helpful": "yes",
    "until": "100000000000000000",
    "order": "time",
    "theme": "dark",
    "direction": "up",
    "decision": "approve",
    "deed": "approve",
    "draft_key": "ask",
    "next": "/",
    "accent": "#0a5c5c",
    "role": "member",
    "suspend_days": "7",
    "suspend_reason": "Because.",
    "silence_days": "7",
    "silence_reason": "Because.",
    "title_for": "members",
    "district_for": "members",
    "about_for": "members",
    "joined_for": "members",
    "topics_for": "members",
    "colour": "teal",
    "palette": "teal",
    "seen_by": "readers",
    "read_by": "members",
    "reply_by": "readers",
    "start_by": "readers",
    "audience": "members",
    "terms": "1",
    "domain": "other.example",
    "list": "someone@other.example",
    "guests": "1",
    "requests": "1",
    "description": "What it is for",
    "slow_seconds": "0",
    "seconds": "0",
    "act": "lock",
    "claim": "yes",
    "default_kind": "question",
    "choice": "anonymise",
    "slug": "another-slug",
    "on": "1",
    "away": "mail",
    "category_name": "Backup",
    "vendor": "A vendor",
    "stars": "4",
    "instead": "Beacon",
    "advice": "Ask for two years.",
    "chosen": "beacon",
    "was_right": "yes",
    "lesson": "Count the training.",
    "asks": "named",
    "works": "What works.",
    "lacks": "What does not.",
    "to_ask": "What to ask.",
    "left_for": "Another product",
    "would_renew": "only_if",
    "renew_if": "the price stays",
    "price": "4.20",
    "unit": "student",
    "included": "Two days of help",
    "show_as": "name",
    "size": "2500-4999",
    "state": "Maine",
    "locale": "rural",
    "standing": "now",
    "years": "1",
    "review_category": "lobby",
    "moved_from": "beacon",
    "regret": "2",
    "may_be_asked": "yes",
    "went_well": "What went well.",
    "went_badly": "What did not.",
    "weeks": "6",
    "carried": "most",
    "carried_how": "By hand",
    "cost": "1200",
    "vendors": "out",
    "status": "current",
    "since_year": "2020",
    "product": "northgate",
    "ends_on": "2031-06-30",
    "notice_days": "90",
    "term_months": "12",
    "yearly_cost": "1200",
    "visibility": "members",
    "query": "filter renewal is:answered",
    "level": "days",
    "every_days": "7",
    "asking": "digest",
    "replying": "web",
    "mentioned": "each",
    "days": "1",
    "hour": "7",
    "time_zone": "America/Denver",
    "place_renewals": "1",
    "place_reviews": "2",
    "place_followed": "3",
    "place_mentions": "0",
    "place_unanswered": "4",
    "place_events": "5",
    "starts": "2031-06-20T10:00",
    "ends": "2031-06-20T11:00",
    "place": "Room 4",
    "link": "https://meet.example/1",
    "coming": "yes",
    "cancelled": "yes",
    "topic": "renewals",
    "runs": "1",
    "everything": "1",
    "starts_on": "2031-06-20",
    "shown": as_shown(Wishes(0)),
}
# What one form takes otherwise.
FORMS: dict[str, dict[str, str]] = {
    "/admin/announcements": {"kind": "info"},
    "/admin/domains": {"act": "add", "kind": "blocked"},
    "/moderation/words": {"act": "hold"},
    "/people/requests/{request_id:int}": {"decision": "approve"},
    "/p/{post_id:int}/flag": {"reason": "other"},
    "/topics/merge": {"into": "renewals"},
    "/products/{slug}/use": {"act": "runs"},
    "/products/{slug}/review": {"act": "save", "version": "0"},
    "/products/peers": {"act": "choose"},
    "/products/{slug}/moved": {"version": "0"},
    "/asked/{asked_id:int}": {"act": "answered"},
    "/asked/{asked_id:int}/offer": {"act": "accept"},
    "/admin/search/synonyms": {"terms": "blocker, web filter"},
    "/admin/search/synonyms/{synonym_id:int}": {"terms": "blocker, web filter"},
    "/renewals/import": {"list": "product,ends_on\nnorthgate,2031-06-30"},
    "/rounds/{round_id:int}/decision": {"decision": "switched"},
    "/rounds/{round_id:int}/answer": {"version": "1"},
    "/renewals/{contract_id:int}/round": {"act": "save"},
    "/settings/following/start": {"every_days": "7"},
    "/products/suggest": {"category": "content-filter"},
    "/admin/products/{slug}/merge": {"into": "beacon"},
}

OWN_ADDRESS = ("/settings/sign-in/addresses/choose", "/settings/sign-in/addresses/remove")


def fillings(world: World, who: Walker, address: Address) -> list[Filled]:
    """The form of an address: with things that `who` may see, and where it names things, also with hidden ones."""
    names = fields_at(address.url)
    seen = Filled(_filled(world, who, address, names, is_seen=True))
    hidden = Filled(_filled(world, who, address, names, is_seen=False), names_hidden=True)
    return [seen, hidden] if set(names) & set(THINGS) else [seen]


def _filled(world: World, who: Walker, address: Address, names: tuple[str, ...], *, is_seen: bool) -> dict[str, str]:
    form = {}
    for name in names:
        if name in FORMS.get(address.pattern, {}):
            form[name] = FORMS[address.pattern][name]
        elif name in THINGS:
            form[name] = thing(world, who, *THINGS[name], is_seen=is_seen)
        elif name == "address" and address.pattern in OWN_ADDRESS:
            form[name] = own_address(world, who)
        elif name == "address":
            form[name] = f"new{next(_n)}@elsewhere.example"
        elif name == "client_key":
            form[name] = f"walker-{next(_n)}"
        elif name in WORDS:
            form[name] = WORDS[name]
    return {name: text for name, text in form.items() if text}


def own_address(world: World, who: Walker) -> str:
    return next((str(row["address"]) for row in world.all("member_email", member_id=who.member_id)), "")


def thing(world: World, who: Walker, table: str, column: str, *, is_seen: bool) -> str:
    """The first row that `who` may see, or may not; "" where there is none."""
    found = [row for row in world.tables[table] if _sees(world, who, table, row) is is_seen]
    return str(found[0][column]) if found else ""


def _sees(world: World, who: Walker, table: str, row: Row) -> bool:
    sees = {
        "category": lambda: reads(world, who, row),
        "thread": lambda: finds_thread(world, who, row["id"]),
        "post": lambda: finds_post(world, who, row["id"]),
        "member": lambda: meets(world, who, row["id"]),
        "queue_item": lambda: is_staff(who, row["category_id"]),
    }
    return bool(sees[table]())


def unknown_fields() -> set[str]:
    """Fields of forms that nobody has said how to fill, nor that they stay empty."""
    known = {*THINGS, *WORDS, *EMPTY, "address", "client_key", "token"}
    return {name for names in forms().values() for name in names} - known


# Fields that stay empty: what they hold comes from a page before, an app, or is not needed.
EMPTY = {
    "after_conflict",
    "backup_note",
    "choose",
    "code",
    "credential",
    "district_id",
    "file",
    "from_at",
    "has_conflict",
    "from_name",
    "may_be_called",
    "holds_first_posts",
    "keeps_quiet",
    "mails_read",
    "keeps_vendors_out",
    "paused_until",
    "stops_all",
    "indexed",
    "worth",
    "support",
    "rollout",
    "promise",
    "privacy",
    "is_archived",
    "is_hidden",
    "lets_vendors_in",
    "need",
    "path",
    "picture",
    "preview",
    "read_groups",
    "reason_id",
    "reply_groups",
    "seen_answer",
    "sentence",
    "start_groups",
    "template",
    "until_at",
    "left_year",
    "other_names",
    "website",
}
