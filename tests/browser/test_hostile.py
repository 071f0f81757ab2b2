"""Attacks typed into every field that others see: no script runs, nothing breaks."""

from collections.abc import Iterator

import httpx
import pytest

from tests import tokened
from tests.browser.conftest import Visitor
from tests.hostile import attacks
from tests.product.running import Site
from tests.real_data import needs_data

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("hostile"), needs_data]
TRIPWIRE = """
    for (const name of ["alert", "confirm", "prompt", "print", "eval"])
        window[name] = () => { document.documentElement.dataset.tripped = name; };
"""


@pytest.fixture
def attacker(site: Site) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=site.url, timeout=60, event_hooks=tokened.HOOKS_NOW) as client:
        client.post("/demo", data={"handle": "maya.okafor"})
        yield client


def start(client: httpx.Client, title: str, body: str, key: str) -> httpx.Response:
    form = {"category": "help", "kind": "question", "title": title, "body": body, "topics": "", "client_key": key}
    return client.post("/ask", data=form)


def test_no_attack_is_answered_with_an_error_of_ours(attacker: httpx.Client) -> None:
    for number, attack in enumerate(attacks()):
        answers = [
            start(attacker, (attack + " and ten characters")[:200], attack, f"hostile-{number}"),
            attacker.get("/search", params={"q": attack[:200]}),
            attacker.get("/ask/similar", params={"title": attack[:300]}),
            attacker.get("/", params={"from": attack[:100], "notice": attack[:100]}),
        ]
        assert [answer.status_code for answer in answers if answer.status_code >= 500] == [], attack


async def test_no_attack_runs_in_posts_titles_names_and_search(
    visitor: Visitor, site: Site, attacker: httpx.Client
) -> None:
    opened = start(attacker, "A thread full of attacks", "Here they come.", "hostile-thread")
    thread = opened.headers["location"].split("#")[0]
    strings = list(attacks())
    for number, attack in enumerate(strings):
        attacker.post(thread, data={"body": attack, "client_key": f"reply-{number}"})
    names = [attack for attack in strings if attack.isprintable() and 0 < len(attack.strip()) <= 120]
    async with visitor("omar.haddad") as page:
        await page.context.add_init_script(TRIPWIRE)
        tripped: list[str] = []
        page.on("dialog", lambda dialog: tripped.append(dialog.message))
        addresses = [f"{thread}?after={after}" for after in range(0, len(strings) + 1, 50)]
        addresses += ["/", "/unanswered", "/c/help", "/topics", "/search?q=script+alert", "/people"]
        for address in addresses:
            await page.goto(address)
            tripped += filter(None, [await page.get_attribute("html", "data-tripped")])
        for name in names[::12]:
            attacker.post("/settings", data={"name": name, "title": name, "about": name})
            await page.goto("/people/maya.okafor")
            tripped += filter(None, [await page.get_attribute("html", "data-tripped")])
        await page.goto(thread)
        tripped += filter(None, [await page.get_attribute("html", "data-tripped")])

        assert tripped == []
    attacker.post("/settings", data={"name": "Maya Okafor", "title": "Chief technology officer", "about": ""})
