"""The pages next to the floor: CPU and rate, the two in turn."""

import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import httpx

from tests.bench import table
from tests.bench.fill import PAGE, SMALL
from tests.bench.servers import ROOT, Floor, Site, Staffroom

CONNECTIONS = 16
LOOPS = Path(__file__).parent / "templates"
READERS = ("guest", "member")
CATEGORIES = "<h2>Categories</h2>"
SAME = 0.02  # how far the floor's bytes may be from ours


@dataclass(frozen=True)
class Page:
    """One measured page. Its posts or rows stand between `first` and `last`; `loop` prints them for the floor."""

    title: str
    name: str
    path: str
    first: str
    last: str
    loop: str
    readers: tuple[str, ...] = READERS


def _thread(title: str, thread_id: int) -> Page:
    return Page(title, f"thread-{thread_id}", f"/t/{thread_id}/x", "<article ", "</article>\n", "posts.html")


PAGES = (
    Page("Home list, 30 threads", "list", "/", '<li class="threads-row', "</li>\n", "rows.html"),
    _thread("Thread of 20 posts", SMALL),
    _thread("Page of 50 posts", PAGE),
)


@dataclass(frozen=True)
class Cost:
    """What one measurement gave: CPU milliseconds of the site and of the database for one request, and the rate."""

    app: float
    database: float
    rate: float

    @property
    def total(self) -> float:
        return self.app + self.database


def write_floor(ours: Staffroom, token: str, folder: Path, pages: Sequence[Page] = PAGES) -> None:
    """The floor's templates: Staffroom's own page with loops in place of its categories and its posts or rows."""
    folder.mkdir(exist_ok=True)
    for page in pages:
        for reader in page.readers:
            html = _read(ours, page, reader, token)
            (folder / f"{page.name}-{reader}.html").write_text(_as_template(html, page))


def _as_template(html: str, page: Page) -> str:
    before, _, rest = html.partition(page.first)
    top, _, middle = before.partition(CATEGORIES)
    _, middle = middle.split("</div>", 1)
    bottom = rest[rest.rindex(page.last) + len(page.last) :]
    texts = (f"{{% raw %}}{text}{{% endraw %}}" for text in (top + CATEGORIES, f"</div>{middle}", bottom))
    loops = ((LOOPS / name).read_text() for name in ("categories.html", page.loop))
    return "".join(part for pair in zip(texts, (*loops, ""), strict=True) for part in pair)


def _read(site: Site, page: Page, reader: str, token: str) -> str:
    answer = httpx.get(site.url + page.path, cookies={"session": token} if reader == "member" else {})
    return answer.raise_for_status().text


def report(
    ours: Staffroom, floor: Floor, token: str, *, rounds: int, seconds: float, pages: Sequence[Page] = PAGES
) -> None:
    """Print one line for each page and reader."""
    print(f"\nPages: {CONNECTIONS} connections, medians of {rounds} rounds of {seconds:g} s, the two in turn.")
    print("CPU is user and system milliseconds a request: site + database.\n")
    table.row("", "Staffroom CPU", "req/s", "floor CPU", "req/s", "ratio", "KB")
    for page in pages:
        for reader in page.readers:
            size = _same_size(page, reader, *(len(_read(site, page, reader, token)) for site in (ours, floor)))
            costs = _measured(ours, floor, page, token if reader == "member" else "", rounds, seconds)
            _print_row(f"{page.title}, {reader}", *costs, size)


def _same_size(page: Page, reader: str, ours: int, floors: int) -> int:
    if abs(ours - floors) > SAME * ours:
        print(f"! {page.title}, {reader}: {ours:,} and {floors:,} bytes; bring {LOOPS / page.loop} up to date")
    return ours


def _measured(
    ours: Site, floor: Site, page: Page, token: str, rounds: int, seconds: float
) -> tuple[list[Cost], list[Cost]]:
    for site in (ours, floor):
        _cost(site, page, token, 0.3)  # statements prepared, templates loaded, caches as warm as they get
    pairs = [(_cost(ours, page, token, seconds), _cost(floor, page, token, seconds)) for _ in range(rounds)]
    return [pair[0] for pair in pairs], [pair[1] for pair in pairs]


def _cost(site: Site, page: Page, token: str, seconds: float) -> Cost:
    app, database = site.cpu, site.database_cpu
    words = (str(site.port), page.path, f"session={token}" if token else "theme=light", str(CONNECTIONS), str(seconds))
    told = subprocess.run(
        [sys.executable, "-m", "tests.bench.client", *words], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    answers = int(told[0])
    milliseconds = 1000 / answers
    return Cost(
        (site.cpu - app) * milliseconds, (site.database_cpu - database) * milliseconds, answers / float(told[1])
    )


def _print_row(title: str, ours: list[Cost], floor: list[Cost], size: int) -> None:
    ratio = _median(ours, lambda cost: cost.total) / _median(floor, lambda cost: cost.total)
    table.row(title, *_words(ours), *_words(floor), f"{ratio:.2f}", f"{size / 1000:.1f}")


def _words(costs: list[Cost]) -> tuple[str, str]:
    app, database = _median(costs, lambda cost: cost.app), _median(costs, lambda cost: cost.database)
    return f"{app:.2f} + {database:.2f}", f"{_median(costs, lambda cost: cost.rate):.0f}"


def _median(costs: list[Cost], figure: Callable[[Cost], float]) -> float:
    return median(map(figure, costs))
