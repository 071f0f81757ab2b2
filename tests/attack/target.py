"""The demo that is attacked: started here, its log kept in a file, ended by its id."""

import json
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from forum.kit.tokens import form_token
from tests import tokened
from tests.product.running import Site

UNLIMITED = (sys.executable, "-m", "tests.attack.unlimited")
ASKS_NOBODY = ("forum.health.", "forum.demo.views.be")  # where we sign in, too
ROLES = {"guest": "", "member": "maya.okafor", "administrator": "ines.varga"}


@dataclass(frozen=True)
class Headers:
    """What one person sends along with every request."""

    cookie: str
    token: str

    @property
    def pairs(self) -> dict[str, str]:
        return {"Cookie": self.cookie, "X-Form-Token": self.token}


def headers_of(url: str, handle: str) -> Headers:
    """Signs in as somebody of the demo; "" is a guest, who has chosen to stay one."""
    with httpx.Client(base_url=url, timeout=60, event_hooks=tokened.HOOKS_NOW) as client:
        client.post("/demo", data={"handle": handle or "guest"})
        client.cookies.set("theme", "dark")
        cookie = "; ".join(f"{name}={text}" for name, text in client.cookies.items())
        return Headers(cookie, form_token(client.cookies.get("session", "")))


class Target:
    """The running demo."""

    def __init__(self, site: Site, log: Path) -> None:
        self.url, self._site, self._log = site.url, site, log

    def headers(self, role: str) -> Headers:
        return headers_of(self.url, ROLES[role])

    def answers(self) -> Counter[int]:
        """How often it gave each status since it started."""
        return Counter(int(line["status"]) for line in self._lines("request"))

    def asked(self) -> Counter[bool]:
        """How often it was asked by somebody who was signed in, and by a guest, where it looks who asks."""
        lines = (line for line in self._lines("request") if not str(line["view"]).startswith(ASKS_NOBODY))
        return Counter(bool(line["actor_id"]) for line in lines)

    def views(self) -> set[str]:
        """The views that were reached."""
        return {str(line["view"]) for line in self._lines("request") if line["view"]}

    def complaints(self) -> list[str]:
        """What it logged as an error, and every answer of 500 or above, once each."""
        broken = {f"{line['view']} {line.get('error')}" for line in self._lines("request failed")}
        broken |= {f"{line['view']} {line['status']}" for line in self._lines("request") if int(line["status"]) >= 500}
        return sorted(broken | {str(line) for line in self._lines() if line.get("level") in ("error", "critical")})

    def _lines(self, event: str = "") -> Iterator[dict[str, object]]:
        for text in self._log.read_text(errors="replace").splitlines():
            if text.startswith("{") and (line := json.loads(text))["event"] and event in ("", line["event"]):
                yield line


@contextmanager
def demo(folder: Path) -> Iterator[Target]:
    """The demo community, served from `folder` by a process that ends with the block."""
    log = folder / "log"
    with log.open("w") as errors:
        site = Site(folder / "var", "--demo", command=UNLIMITED, errors=errors, FORUM_LOG="info")
        try:
            site.wait_until_ready()
            yield Target(site, log)
        finally:
            site.stop()
            site.process.communicate()
