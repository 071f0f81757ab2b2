"""Signing in against two real providers on loopback: one in Python, and one on Node.js that insists on PKCE."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from forum.identities import providers
from forum.kit.db import value
from forum.kit.settings import Settings
from forum.kit.tools import Tools
from tests.factories import a_member
from tests.fakes import FakeMailer
from tests.identities.conftest import browser

ADA = "ada@district.example"
FOLDER = Path(__file__).parent / "provider"


@pytest.fixture(scope="module")
def in_python() -> Iterator[str]:
    """The issuer of oidc-provider-mock."""
    people = [f"--user-claims={json.dumps(claims_of(name))}" for name in ("ada", "mallory")]
    port = free_port()
    with running([sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", f"--port={port}", *people], port):
        yield f"http://127.0.0.1:{port}"


def claims_of(name: str) -> dict[str, object]:
    address = f"{name}@district.example"
    return {"sub": name, "email": address, "email_verified": name != "mallory", "name": "Ada Park"}


@pytest.fixture(scope="module")
def on_node() -> Iterator[str]:
    """The issuer of npm's oidc-provider; without Node these tests are skipped, but fail where CI=true."""
    if not shutil.which("node") or not (FOLDER / "node_modules" / "oidc-provider").is_dir():
        missing = "no Node.js, or its packages are not installed: run make node"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    port = free_port()
    with running(["node", str(FOLDER / "server.js"), str(port)], port):
        yield f"http://127.0.0.1:{port}"


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@contextmanager
def running(command: list[str], port: int) -> Iterator[None]:
    """A process that listens on `port` by then."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 60
        while process.poll() is None and not is_open(port):
            assert time.monotonic() < until, command
            time.sleep(0.05)
        assert process.poll() is None, command
        yield
    finally:
        process.terminate()
        process.wait(10)


def is_open(port: int) -> bool:
    with socket.socket() as asking:
        return asking.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(params=["in_python", "on_node"])
def issuer(request) -> str:
    return request.getfixturevalue(request.param)


@pytest.fixture
def tools(db, issuer) -> Tools:
    settings = Settings(
        smtp_url="smtp://127.0.0.1:1", oidc_issuer=issuer, oidc_client_id="ours", oidc_client_secret="secret"
    )
    return Tools(db=db, mailer=FakeMailer(), settings=settings)


@pytest.fixture
async def home(tools):
    async with browser(tools) as client:
        yield client


async def say_yes(url: str, name: str = "ada") -> str:
    """Sign in at the provider as `name`, by its own forms; the path it sends the browser back to."""
    async with httpx.AsyncClient() as person:
        answer = await person.get(url)
        for _ in range(12):
            if "location" in answer.headers:
                target = answer.url.join(answer.headers["location"])
                if target.path.startswith("/sign-in/with/"):
                    return target.raw_path.decode()
                answer = await person.get(target)
            else:
                target, fields = form_of(answer, name)
                answer = await person.post(target, data=fields)
    raise AssertionError(answer.text)


def form_of(page: httpx.Response, name: str) -> tuple[str, dict[str, str]]:
    """Where the form on a page of either provider leads, and its fields filled in."""
    assert page.status_code == 200, page.text
    action = re.search(r'<form[^>]*action="([^"]+)"', page.text)
    target = str(page.url.join(action[1].replace("&amp;", "&"))) if action else str(page.url)
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="(\w+)"', page.text))
    return target, {**hidden, "login": name, "password": "any", "sub": name}


async def sign_in(home: httpx.AsyncClient, name: str = "ada") -> httpx.Response:
    away = await home.get("/sign-in/with/oidc?next=/topics")
    return await home.get(await say_yes(away.headers["location"], name))


async def test_a_member_signs_in_and_is_known_again(db, home, issuer):
    ada = await a_member(db, address=ADA)

    for _ in range(2):
        answer = await sign_in(home)

        assert (answer.status_code, answer.headers["location"]) == (303, "/topics")
        assert f'data-actor="{ada.id}"' in (await home.get("/")).text
        home.cookies.clear()
    assert await value(db, "SELECT array_agg(issuer || ' ' || subject) FROM identity") == [f"{issuer} ada"]


async def test_an_unverified_address_signs_nobody_in(db, home):
    await a_member(db, address="mallory@district.example")

    assert (await sign_in(home, "mallory")).status_code == 403
    assert await value(db, "SELECT count(*) FROM session") == 0


async def test_a_code_is_good_once_and_for_its_own_attempt(db, home, tools):
    await a_member(db, address=ADA)
    path = await say_yes((await home.get("/sign-in/with/oidc")).headers["location"])
    code = httpx.URL(path).params["code"]
    assert (await home.get(path)).status_code == 303
    home.cookies.clear()

    replayed = httpx.URL(await say_yes((await home.get("/sign-in/with/oidc")).headers["location"]))

    assert (await home.get(str(replayed.copy_set_param("code", code)))).status_code == 403


async def test_the_live_test_finds_what_signing_in_needs(tools):
    (provider,) = providers.configured(tools.settings)

    checks = await providers.test(tools.settings, provider)

    assert [each.name for each in checks] == ["Discovery", "Keys", "PKCE", "Address to enter at the provider"]
    assert all(each.is_good for each in checks)
    assert checks[-1].text == "http://127.0.0.1:8000/sign-in/with/oidc/back"


async def test_the_provider_that_insists_on_pkce_refuses_without_it(on_node):
    query = {
        "client_id": "ours", "response_type": "code", "scope": "openid",
        "redirect_uri": "http://127.0.0.1:8000/sign-in/with/oidc/back",
    }  # fmt: skip
    async with httpx.AsyncClient() as person:
        answer = await person.get(f"{on_node}/auth", params=query)

    assert "error=invalid_request" in answer.headers["location"]
