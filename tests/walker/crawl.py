"""Asks for every address the forum has, as one person, and keeps what came back."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

import httpx

from tests.routes import PLACE, requests
from tests.walker.canaries import CANARY
from tests.walker.people import World

LINK = re.compile(r'(?:href|src|action)="(/[^"#]*)')
REPRESENTATIONS = ("text/html", "text/html-fragment")
MOST_LINKS = 600


@dataclass
class Walk:
    """What one person saw: for each canary, one of the addresses that showed it; every answer's status by address."""

    seen: dict[str, str] = field(default_factory=dict)
    statuses: dict[str, int] = field(default_factory=dict)
    links: set[str] = field(default_factory=set)

    def note(self, url: str, answer: httpx.Response) -> None:
        assert answer.status_code < 500, (url, answer.status_code)
        heads = " ".join(f"{name}: {value}" for name, value in answer.headers.items())
        for word in set(CANARY.findall(f"{heads} {answer.text}")) - set(
            CANARY.findall(url)
        ):  # nobody learns what they asked
            self.seen.setdefault(word, url)
        self.statuses.setdefault(url, answer.status_code)
        self.links |= {link.replace("&amp;", "&") for link in LINK.findall(answer.text)}


async def walk(web: httpx.AsyncClient, world: World) -> Walk:
    """Every GET route with every id there is, in every representation, then every link those pages held."""
    found = Walk()
    for url in addresses(world, "GET"):
        for wanted in REPRESENTATIONS:
            found.note(url, await web.get(url, headers={"accept": wanted}))
    asked: set[str] = set(found.statuses)
    while (fresh := sorted(found.links - asked)) and len(asked) < len(found.statuses) + MOST_LINKS:
        for link in fresh[:MOST_LINKS]:
            asked.add(link)
            if not link.startswith("/static/"):
                found.note(link, await web.get(link))
    return found


def addresses(world: World, method: str) -> Iterator[str]:
    """Every route of `method` with every value of its places. Raises KeyError for a place nobody has told about."""
    for verb, path in sorted(set(requests())):
        if verb == method:
            yield from _filled(world, path)


def _filled(world: World, path: str) -> Iterator[str]:
    place = PLACE.search(path)
    if place is None:
        yield path
        return
    for value in values(world, path, place[1]):
        yield from _filled(world, path.replace(place[0], str(value), 1))


def values(world: World, path: str, place: str) -> list[object]:
    """What may stand at a place of a path."""
    head = path.split("/")[1]
    if place == "slug" and head in TABLE_OF_SLUG:
        return [row["slug"] for row in world.tables[TABLE_OF_SLUG[head]]]
    if path.startswith("/admin/pages"):
        place = "page"
    if place in WORDS:
        return list(WORDS[place])
    table, column = ID_OF[place]
    return [row[column] for row in world.tables[table]]


def path_of(url: str) -> str:
    return urlsplit(urljoin("http://forum.example", url)).path


TABLE_OF_SLUG = {"c": "category", "topics": "topic"}
WORDS: dict[str, tuple[str, ...]] = {
    "slug": ("anything",),
    "order": ("latest", "unanswered", "top", "unread"),
    "token": ("x" * 22,),
    "name": ("keyboard", "accessibility"),
    "provider": ("google", "microsoft"),
    "method": ("link", "google"),
    "logo_hash": ("0123456789abcdef",),
    "look_hash": ("0123456789abcdef",),
    "version": ("1",),
    "job_id": ("1",),
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
}
