"""Asks for every address the forum has, as one person, and keeps what came back."""

import io
import re
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, field

import httpx

from tests.masking import untokened
from tests.walker.addresses import Address, addresses
from tests.walker.canaries import CANARY
from tests.walker.people import World

LINK = re.compile(r'(?:href|src|action)="(/[^"#]*)')
FRAGMENT = "text/html-fragment"
OTHER = "application/json, text/plain;q=0.5"
MOST_LINKS = 600
# What search finds of everything there is: each sort of thing, on as many pages as it takes.
SEARCHES = [
    f"{path}?q={words}"
    for path in ("/search", "/search/instant")
    for words in ("kind:thread", "kind:person", "kind:product", "kind:vendor", "kind:topic", "is:answered", "-nothing")
]


@dataclass
class Walk:
    """What one person saw.

    seen: for each canary, one of the addresses that showed it. statuses: of each request, by method and address.
    doors: each address that was knocked at, and the answer. absent: by route, the pages of what is not there.
    """

    seen: dict[str, str] = field(default_factory=dict)
    statuses: dict[tuple[str, str], int] = field(default_factory=dict)
    doors: list[tuple[str, Address, httpx.Response]] = field(default_factory=list)
    absent: dict[str, set[str]] = field(default_factory=dict)
    links: set[str] = field(default_factory=set)

    def note(self, url: str, answer: httpx.Response, said: str = "") -> None:
        """Keep what `answer` holds; nobody learns what they have `said` themselves, or asked for."""
        method = answer.request.method
        assert answer.status_code < 500, (method, url, answer.status_code)
        heads = " ".join(f"{name}: {value}" for name, value in answer.headers.items())
        text = words_of(answer)
        for word in set(CANARY.findall(f"{heads} {text}")) - set(CANARY.findall(f"{url} {said}")):
            self.seen.setdefault(word, f"{method} {url}")
        self.statuses.setdefault((method, url), answer.status_code)
        if method == "GET":
            self.links |= {link.replace("&amp;", "&") for link in LINK.findall(text)}

    def open(self, address: Address, answer: httpx.Response) -> None:
        """Keep how the door answered that this request knocked at."""
        self.doors.append((answer.request.method, address, answer))
        if answer.status_code == 404:
            self.absent.setdefault(f"{answer.request.method} {address.pattern}", set()).add(missing(answer))


def words_of(answer: httpx.Response) -> str:
    """What can be read in an answer; of a zip, all its files."""
    if answer.headers.get("content-type", "") != "application/zip":
        return answer.text
    with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
        return " ".join(f"{name} {packed.read(name).decode()}" for name in packed.namelist())


def missing(answer: httpx.Response) -> str:
    """A page of what is not there, without the request's id, and where to come back to."""
    text = untokened(answer.text).replace(answer.headers["x-request-id"], "ID")
    text = re.sub(r'<span class="bell-count".*?</a>', "BELL", text)  # it counts down while they look around
    text = re.sub(r'(next(?:=|" value="))[^"&]*', r"\1PATH", text)
    return re.sub(r"<textarea.*?</textarea>", "", text, flags=re.S)


async def walk(web: httpx.AsyncClient, world: World, few: Iterable[Address]) -> Walk:
    """Every GET route with every id there is, every search, then every link those pages held; of `few`, each
    representation.
    """
    found = Walk()
    for address in addresses(world, "GET"):
        answer = await web.get(address.url)
        found.note(address.url, answer)
        found.open(address, answer)
    await _represent(web, found, few)
    for url in SEARCHES:
        found.note(url, await web.get(url))
    asked = {url for _, url in found.statuses}
    # Ways to sign in differ by where they lead afterwards only; a few are enough.
    asked |= set(sorted(link for link in found.links if link.startswith("/sign-in?next="))[20:])
    while (fresh := sorted(found.links - asked)) and len(asked) < len(found.statuses) + MOST_LINKS:
        for link in fresh[:MOST_LINKS]:
            asked.add(link)
            if not link.startswith("/static/"):
                found.note(link, await web.get(link))
    return found


async def _represent(web: httpx.AsyncClient, found: Walk, few: Iterable[Address]) -> None:
    """The other ways to ask. HEAD says what GET says, without a word of text; each pattern is asked for once so."""
    asked: set[tuple[str, int]] = set()
    for address in few:
        found.note(address.url, await web.get(address.url, headers={"accept": FRAGMENT}))
        status = found.statuses["GET", address.url]
        if (address.pattern, status) in asked:
            continue
        asked.add((address.pattern, status))
        found.note(address.url, await web.get(address.url, headers={"accept": OTHER}))
        head, options = await web.head(address.url), await web.options(address.url)
        found.note(address.url, head)
        found.note(address.url, options)
        assert (head.content, head.status_code) == (b"", status), address.url
        assert options.status_code in (404, 405), address.url
