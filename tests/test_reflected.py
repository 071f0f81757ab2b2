"""What stands in an address or in a form comes back as text or not at all, whatever the page says to it (row 5)."""

import re
from html.parser import HTMLParser
from urllib.parse import quote

import pytest

from forum.kit.db import value
from forum.kit.posting import WITHOUT_TOKEN
from forum.wiring import ROUTES
from tests.factories import a_category, a_member, a_reply, a_thread, post_id, sign_in_as
from tests.fields import forms
from tests.moderation.scenes import an_admin
from tests.routes import filled, requests
from tests.test_architecture import CODE, TEMPLATES

READ = re.compile(r'(?:query_params|query|known|asked)\.get\(\s*"(\w+)"|query_\w+\(request, "(\w+)"')
SENT = re.compile(r'<(?:input|select)[^>]* name="(\w+)"')
MIXED = "\"><zqx onzqx=\"1\">' onzqx='1' x='</textarea></title></script></select>{{ 7*7 }}<zqx>%3Czqx%3E%0d%0aonzqx: 1"
SCHEME = "javascript:zqx()"
LINKS = ("href", "src", "action", "formaction", "poster", "data")


class Planted(HTMLParser):
    """Finds what of an attack became more than text."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag, attrs):
        if tag.startswith("zqx"):
            self.found.append(f"<{tag}>")
        for name, text in attrs:
            if name.startswith("onzqx") or (name in LINKS and re.match(r"\s*javascript:", text or "")):
                self.found.append(f"{name}={text}")


def planted(answer) -> list[str]:
    parser = Planted()
    parser.feed(answer.text)
    return parser.found + [name for name in answer.headers if "zqx" in name] + re.findall("49<zqx>", answer.text)


def parameters() -> set[str]:
    """Each name that a view reads from an address, or a form puts there."""
    read = {name for path in CODE for found in READ.findall(path.read_text()) for name in found if name}
    return read | {name for path in TEMPLATES for name in SENT.findall(path.read_text())}


@pytest.fixture
async def places(db):
    slug = await a_category(db, read_by="everyone")
    thread_id = await a_thread(db, category=slug, topics="wifi")
    await a_reply(db, thread_id)
    return {
        "thread_id": thread_id,
        "post_id": await post_id(db, thread_id, 2),
        "category_id": await value(db, "SELECT id FROM category"),
        "handle": (await a_member(db)).handle,
    }


@pytest.mark.parametrize("attack", [MIXED, SCHEME], ids=["mixed", "scheme"])
async def test_nothing_in_an_address_becomes_part_of_a_page(db, web, places, attack):
    names = parameters()
    assert len(names) > 20
    paths = sorted({path for method, path in requests(ROUTES) if method == "GET"})
    for is_signed_in in (False, True):
        if is_signed_in:
            await sign_in_as(web, db, await an_admin(db))
        for path in paths:
            answer = await web.get(filled(path, **places), params=dict.fromkeys(names, attack))
            assert planted(answer) == [], path
            assert answer.status_code < 500, path


async def test_nothing_in_a_place_of_an_address_becomes_part_of_a_page(db, web, places):
    await sign_in_as(web, db, await an_admin(db))
    word = quote(MIXED, safe="")
    for path in sorted({path for method, path in requests(ROUTES) if method == "GET"}):
        words = dict.fromkeys(("slug", "order", "token", "handle", "name", "provider", "method", "page"), word)
        answer = await web.get(filled(path, **(places | words)))
        assert planted(answer) == [], path


async def test_nothing_in_a_refused_form_becomes_part_of_a_page(db, web, places):
    answered = 0
    for path, fields in forms().items():
        if path in WITHOUT_TOKEN or path.startswith("/demo"):
            continue
        await sign_in_as(web, db, await an_admin(db))
        answer = await web.post(filled(path, **places), data=dict.fromkeys(fields, MIXED))
        assert planted(answer) == [], path
        assert answer.status_code < 500, path
        answered += "zqx" in answer.text
    assert answered >= 15  # they do come back, as text


def test_what_is_planted_is_found():
    parser = Planted()
    parser.feed('<a href=" javascript:zqx()">x</a><zqx><b onzqx="1">')

    assert parser.found == ["href= javascript:zqx()", "<zqx>", "onzqx=1"]
