"""What stands around every request: host, origin, size, headers. No database is needed to refuse."""

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from forum.app import build
from forum.kit.db import Database
from forum.kit.guard import HEADERS, MAX_BODY, MAX_URL, Guard
from forum.kit.settings import Settings
from forum.kit.tools import Tools
from tests.fakes import FakeMailer
from tests.routes import UNSAFE, filled, requests

SITE = Settings(base_url="http://forum.example:8000")
DEMO = Settings(base_url="http://127.0.0.1:8000", demo=True)
FORMS = sorted({(method, filled(path)) for method, path in requests() if method in UNSAFE})
REFUSED = "This form was sent from another site. Open the page here and send it again.\n"


def browser(app, base_url="http://forum.example:8000") -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=base_url)


async def echo(scope, receive, send) -> None:
    """Answers with what it received."""
    await PlainTextResponse(await Request(scope, receive).body())(scope, receive, send)


@pytest.fixture
def guarded():
    return browser(Guard(echo, SITE))


@pytest.fixture
def unreachable():
    """The whole forum in demo mode, which has every route; without a database, so that only refusals can be had."""
    tools = Tools(db=Database("postgresql://forum@127.0.0.1:1/forum"), mailer=FakeMailer(), settings=DEMO)
    return browser(build(tools), "http://127.0.0.1:8000")


# Forms of other sites


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "SAME-ORIGIN"},
        {"sec-fetch-site": ""},
        {"sec-fetch-site": "cross-site", "origin": "http://127.0.0.1:8000"},
        {"origin": "https://evil.example"},
        {"origin": "http://127.0.0.1"},
        {"origin": "http://127.0.0.1:8000.evil.example"},
        {"origin": "http://evil.example/127.0.0.1:8000"},
        {"origin": "http://127.0.0.1:8000@evil.example"},
        {"origin": "null"},
        {"origin": ""},
        {"origin": "http://["},
    ],
    ids=str,
)
async def test_no_form_of_another_site_is_taken(unreachable, headers):
    for method, path in FORMS:
        answer = await unreachable.request(method, path, headers=headers)
        assert (answer.status_code, answer.text) == (403, REFUSED), (method, path)


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "none"},
        {"sec-fetch-site": "same-origin", "origin": "null"},
        {"origin": "http://127.0.0.1:8000"},
        {},
    ],
    ids=str,
)
async def test_our_own_forms_are_taken(headers):
    answer = await browser(Guard(echo, DEMO), "http://127.0.0.1:8000").post("/", headers=headers)

    assert answer.status_code == 200


async def test_every_unsafe_route_was_asked():
    assert len(FORMS) > 20
    assert {"/demo", "/sign-out", "/sign-in/" + "x" * 22} <= {path for _, path in FORMS}


async def test_other_sites_may_link_here(guarded):
    for method in ("GET", "HEAD", "OPTIONS"):
        answer = await guarded.request(method, "/", headers={"sec-fetch-site": "cross-site"})
        assert answer.status_code == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "get"])
async def test_only_safe_methods_come_from_elsewhere(method):
    async def asked(scope):
        sent = []

        async def receive():
            return {"type": "http.request", "body": b""}

        async def send(message):
            sent.append(message)

        await Guard(echo, SITE)(scope, receive, send)
        return sent[0]["status"]

    headers = [(b"host", b"forum.example"), (b"sec-fetch-site", b"cross-site")]
    scope = {"type": "http", "method": method, "path": "/", "query_string": b"", "headers": headers}

    assert await asked(scope) == 403


# Hosts


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("forum.example", 200),
        ("forum.example:8000", 200),
        ("FORUM.EXAMPLE", 200),
        ("127.0.0.1:9", 200),  # whoever watches the site asks the process itself
        ("[::1]:8000", 200),
        ("localhost", 200),
        ("evil.example", 421),
        ("forum.example.evil.example", 421),
        ("evil.example:forum.example", 421),
        ("forum.example@evil.example", 421),
        ("evil-forum.example", 421),
        ("192.0.2.1", 421),
        ("", 421),
        ("[", 421),
        ("a]b", 421),
        ("forum.example:x", 200),
        ("℀.example", 421),
        ("localhost.evil.example", 421),
    ],
)
async def test_the_site_answers_only_under_its_own_name(guarded, host, status):
    answer = await guarded.get("/", headers={"host": host.encode()})

    assert answer.status_code == status


async def test_forwarded_names_do_not_count(guarded):
    answer = await guarded.get(
        "/", headers={"host": "evil.example", "x-forwarded-host": "forum.example", "forwarded": "host=forum.example"}
    )

    assert answer.status_code == 421


# Sizes and characters


async def test_a_body_that_is_too_large_is_refused_before_it_is_read():
    async def never():
        yield b"x"
        raise AssertionError

    answer = await browser(Guard(refusing_app, SITE)).post(
        "/", content=never(), headers={"content-length": str(MAX_BODY + 1)}
    )

    assert answer.text == "413"


async def refusing_app(scope, receive, send) -> None:
    """Reads the body and says which refusal that met."""
    try:
        await Request(scope, receive).body()
        said = "all of it"
    except Exception as refusal:
        said = str(refusal.status_code)
    await PlainTextResponse(said)(scope, receive, send)


@pytest.mark.parametrize(("size", "said"), [(MAX_BODY, "all of it"), (MAX_BODY + 1, "413")])
async def test_a_body_of_unknown_length_is_measured_while_it_comes(size, said):
    async def pieces():
        for start in range(0, size, 100_000):
            yield b"x" * min(100_000, size - start)

    answer = await browser(Guard(refusing_app, SITE)).post("/", content=pieces())

    assert answer.text == said


@pytest.mark.parametrize("length", ["-1", "x", "1e3", "9" * 30])
async def test_a_length_that_is_none_is_refused(length):
    answer = await browser(Guard(refusing_app, SITE)).post("/", content=b"x", headers={"content-length": length})

    assert answer.text == "413"


async def test_addresses_that_no_page_has(guarded):
    assert (await guarded.get("/" + "x" * MAX_URL)).status_code == 400
    assert (await guarded.get("/?q=" + "x" * MAX_URL)).status_code == 400
    assert (await guarded.get("/a%00b")).status_code == 400
    assert (await guarded.get("/?q=a%00b")).status_code == 400
    assert (await guarded.get("/?q=100%25")).status_code == 200


# Headers


async def test_every_header_stands_on_whatever_the_answer_is():
    async def teapot(scope, receive, send):
        await Response(status_code=418, headers={"x-frame-options": "ALLOWALL"})(scope, receive, send)

    answer = await browser(Guard(teapot, SITE)).get("/")

    assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    assert answer.headers["cache-control"] == "private, no-store"
    assert len(answer.headers["x-request-id"]) == 16
    assert "strict-transport-security" not in answer.headers


async def test_refusals_carry_them_too(guarded):
    for answer in (
        await guarded.get("/", headers={"host": "evil.example"}),
        await guarded.post("/", headers={"origin": "https://evil.example"}),
        await guarded.get("/" + "x" * MAX_URL),
    ):
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS
        assert answer.headers["cache-control"] == "private, no-store"


async def test_requests_have_ids_of_their_own_whatever_they_bring(guarded):
    ids = [(await guarded.get("/", headers={"x-request-id": "mine"})).headers["x-request-id"] for _ in range(3)]

    assert len({"mine", *ids}) == 4


async def test_an_answer_may_say_how_long_it_keeps():
    async def kept(scope, receive, send):
        await Response(headers={"cache-control": "public, max-age=60"})(scope, receive, send)

    assert (await browser(Guard(kept, SITE)).get("/")).headers["cache-control"] == "public, max-age=60"


async def test_no_script_or_style_stands_in_a_page():
    policy = dict(part.split(" ", 1) for part in HEADERS["content-security-policy"].split("; "))

    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
