"""Ten thousand bad requests add less than five megabytes to the log (row 56)."""

import sys
from io import StringIO

import httpx
import pytest
import structlog

from forum.app import build
from forum.kit.guard import MAX_URL
from forum.kit.log import configure
from tests import tokened
from tests.factories import a_member, sign_in_as

A_REQUEST = 5_000_000 // 10_000  # bytes of the log that one bad request may cost
LONG = "zqx" * 1000


@pytest.fixture
def logged(monkeypatch):
    """What is written to the log, as it is written when the forum runs."""
    lines = StringIO()
    monkeypatch.setattr(sys, "stderr", lines)
    configure("info")
    yield lines
    structlog.reset_defaults()


def bad_requests() -> list[tuple[str, str, dict]]:
    headers = {
        "user-agent": LONG,
        "referer": f"http://evil.example/{LONG}",
        "x-request-id": LONG,
        "cookie": f"a={LONG}",
    }
    return [
        ("GET", f"/{LONG}", {}),
        ("GET", "/" + "x" * (MAX_URL + 1), {}),
        ("GET", f"/search?q={LONG}", {"headers": headers}),
        ("GET", f"/t/{'9' * 300}", {"headers": headers}),
        ("GET", "/a%0a%0dforged%20line", {}),
        ("X" * 3000, "/", {}),
        ("POST", "/sign-in", {"data": {"address": LONG, "next": LONG}, "headers": headers}),
        ("POST", "/join", {"data": {"name": LONG}}),
        ("POST", "/settings", {"data": {LONG: LONG}}),
        ("POST", "/settings", {"content": b"\xff" * 3000, "headers": {"content-type": f"multipart/form-data; {LONG}"}}),
        ("POST", "/ask", {"data": {"title": LONG, "body": LONG}, "headers": {"origin": f"http://{LONG}.example"}}),
        ("POST", "/sign-in", {"data": {"address": "x"}, "headers": {"host": f"{LONG}.example"}}),
        ("POST", "/csp-report", {"json": {"csp-report": {"effective-directive": LONG, "document-uri": LONG}}}),
        (
            "POST",
            "/csp-report",
            {"json": {"csp-report": {"effective-directive": "img-src", "document-uri": f"/{LONG}"}}},
        ),
    ]


async def test_a_bad_request_costs_less_than_half_a_kilobyte_of_the_log(db, web, logged):
    await sign_in_as(web, db, await a_member(db))
    for method, path, sent in bad_requests() * 3:
        before = logged.tell()
        await web.request(method, path, **sent)
        assert logged.tell() - before < A_REQUEST, (method[:9], path[:40])

    assert LONG[:30] not in logged.getvalue()
    assert "forged line" not in logged.getvalue()
    assert "X" * 30 not in logged.getvalue()


async def test_a_bug_that_everybody_meets_fills_no_disk(db, tools, logged):
    def broken(request):
        raise KeyError(LONG)

    app = build(tools)
    app.state.frame = broken
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://forum.example", event_hooks=tokened.HOOKS
    ) as browser:
        answers = [await browser.get(path) for path in ("/", "/help", "/sign-in") for _ in range(3)]

    assert {answer.status_code for answer in answers} == {500}
    assert logged.tell() / len(answers) < 3 * A_REQUEST  # a line about the bug, and one about the request
    assert LONG[:30] not in logged.getvalue()
