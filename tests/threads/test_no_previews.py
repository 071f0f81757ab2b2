"""Addresses in posts are for readers to fetch: the forum itself never asks for one that somebody wrote (row 2)."""

import asyncio
import re

import pytest

from forum.kit.db import value
from tests.factories import a_category, a_member, a_thread, sign_in_as
from tests.moderation.scenes import an_admin
from tests.test_architecture import CODE, place

# Who opens connections: to providers by way of kit/egress.py, to the relay, and from the command line to this machine.
CONNECTING = re.compile(
    r"^\s*(?:import|from) (httpx|aiosmtplib|smtplib|socket|requests|aiohttp|urllib\.request|http\.client)\b", re.M
)


@pytest.fixture
async def elsewhere():
    """A site that counts who comes; returns its address and the list of what came."""
    came: list[bytes] = []

    async def answer(reader, writer):
        came.append(await reader.read(100))
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", came


async def test_no_address_that_somebody_writes_is_asked(db, web, drain, elsewhere):
    url, came = elsewhere
    body = f"{url}/bare\n\n![a picture]({url}/x.png)\n\n[a link]({url}/l)\n\n<{url}/auto>\n\n<img src={url}/html.png>"
    await sign_in_as(web, db, await an_admin(db))
    category = await a_category(db, read_by="everyone")
    thread = await a_thread(db, category=category, author=await a_member(db), title=f"See {url}/title", body=body)
    link = f"{url}/field"
    forms = {
        f"/t/{thread}/x": {"body": body, "client_key": "k1"},
        "/preview": {"body": body},
        "/drafts": {"draft_key": "ask", "title": link, "body": body},
        "/settings": {"name": "Ann", "title": link, "about": body},
        f"/threads/{thread}/duplicate": {"of": link},
        f"/threads/{thread}/merge": {"into": link},
        "/moderation/words": {"words": "zqx", "act": "link", "sentence": "Look", "path": link, "category": ""},
        "/admin/pages/terms": {"body": body, "version": "0"},
        "/sign-in": {"address": "ann@district.example", "next": link},
    }
    for path, sent in forms.items():
        await web.post(path, data=sent)
    await drain()
    page = (await web.get(f"/t/{thread}")).text

    assert page.count(f"{url}/x.png") >= 2  # as a link
    assert not re.search(rf"""(?:src|srcset|poster|data|background)=["']?{re.escape(url)}""", page)
    assert await value(db, "SELECT count(*) FROM post WHERE thread_id = :id", id=thread) == 2
    assert came == []


def test_few_files_can_ask_anybody_anything():
    connecting = {place(path): set(CONNECTING.findall(path.read_text())) for path in CODE}

    assert {path for path, modules in connecting.items() if modules} == {
        "forum/kit/egress.py",
        "forum/kit/relay.py",
        "forum/kit/meili.py",
        "forum/identities/oidc.py",
        "forum/identities/providers.py",
        "forum/serve.py",
        "forum/doctor.py",
    }
