"""What a first visit to a page of 50 posts transfers, gzipped as it is sent."""

import re

import httpx

from tests.bench import table
from tests.bench.fill import PAGE
from tests.bench.servers import Staffroom

IMPORT = re.compile(r"""(?:from|import)\s*\(?\s*["'](\.[^"']+)["']""")
LINKED = re.compile(r'(?:<script [^>]*src|<link rel="(?:stylesheet|icon)" href)="([^"]+)"')
BEHAVIOURS = re.compile(r'data-behavior="([^"]+)"')
SPRITE = re.compile(r'<use href="([^"#]+)')


def report(ours: Staffroom, token: str) -> None:
    """Print bytes and requests."""
    with httpx.Client(base_url=ours.url, headers={"accept-encoding": "gzip"}, cookies={"session": token}) as browser:
        html, page = _sent(browser, f"/t/{PAGE}/x")
        linked = [*LINKED.findall(page), *sorted(set(SPRITE.findall(page)))]
        weights = {path: _sent(browser, path)[0] for path in linked if not path.endswith(".js")}
        scripts = _scripts(browser, _started(page, [path for path in linked if path.endswith(".js")]))
    styles = [path for path in weights if path.endswith(".css")]
    print("\nWeight: a page of 50 posts for a member, first visit, bytes as sent with gzip.\n")
    table.row("", "KB", "requests")
    table.row("HTML", f"{html / 1000:.1f}", "1")
    table.row("Styles", f"{sum(weights[path] for path in styles) / 1000:.1f}", str(len(styles)))
    table.row("Needed to read", "", str(1 + len(styles)))
    table.row("Scripts", f"{sum(scripts.values()) / 1000:.1f}", str(len(scripts)))
    others = [path for path in weights if path not in styles]
    table.row("Symbols", f"{sum(weights[path] for path in others) / 1000:.1f}", str(len(others)))
    table.row(
        "All",
        f"{(html + sum(weights.values()) + sum(scripts.values())) / 1000:.1f}",
        str(1 + len(weights) + len(scripts)),
    )


def _sent(browser: httpx.Client, path: str) -> tuple[int, str]:
    """Bytes of the answer's body as it was sent, and its text."""
    with browser.stream("GET", path) as answer:
        answer.raise_for_status()
        body = b"".join(answer.iter_bytes())
        return answer.num_bytes_downloaded, body.decode()


def _started(page: str, linked: list[str]) -> list[str]:
    """The linked scripts, and the behaviours that main.js fetches because elements of the page name them."""
    names = {name for names in BEHAVIOURS.findall(page) for name in names.split()}
    return [*linked, *(str(httpx.URL(linked[0]).join(f"{name}.js")) for name in sorted(names))]


def _scripts(browser: httpx.Client, found: list[str]) -> dict[str, int]:
    """The weight of each script and of all it imports."""
    weights: dict[str, int] = {}
    while found:
        path = found.pop()
        if path not in weights:
            weights[path], text = _sent(browser, path)
            found += [str(httpx.URL(path).join(name)) for name in IMPORT.findall(text)]
    return weights
