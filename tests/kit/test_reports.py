"""What browsers report of broken policies: noted in few words, and not for ever."""

import json

import pytest
from structlog.testing import capture_logs

from forum.kit import reports
from forum.kit.limits import Limit
from tests.factories import a_member, sign_in_as


def report(**fields) -> bytes:
    return json.dumps({"csp-report": {"effective-directive": "img-src", **fields}}).encode()


async def said(web, body, **headers):
    with capture_logs() as logged:
        answer = await web.post(
            "/csp-report", content=body, headers={"content-type": "application/csp-report", **headers}
        )
    assert (answer.status_code, answer.content) == (204, b"")
    return [(entry["directive"], entry["path"]) for entry in logged if entry["event"] == "policy broken"]


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("http://forum.example/t/7/why-does-the-firewall-of-pine-county-fail?q=secret#x", "/t/7/…"),
        ("http://forum.example/sign-in/Zx9_secretsecretsecretse", "/sign-in/…"),
        ("http://forum.example/people/ann.smith", "/people/…"),
        ("http://forum.example/", "/"),
        ("http://forum.example/a/b/c/d/e/f/g/h", "/a/b/c/d/e"),
        ("", ""),
    ],
)
async def test_a_report_says_directive_and_path_without_secrets_and_titles(db, web, uri, path):
    assert await said(
        web, report(**{"document-uri": uri, "blocked-uri": "https://evil.example/x", "script-sample": "y"})
    ) == [("img-src", path)]


async def test_a_members_browser_reports_without_a_token(db, web):
    await sign_in_as(web, db, await a_member(db))

    assert await said(web, report(), **{"x-form-token": ""}) == [("img-src", "")]


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b"{}", b'{"csp-report": 1}', b'{"csp-report": {}}', b"\xff", b"[" * 5000, b'"csp-report"',
        report(**{"effective-directive": "img\nforged"}), report(**{"effective-directive": ["x"]}),
        report(**{"document-uri": "http://["}), report(**{"script-sample": "x" * 20_000}),
    ],
    ids=lambda body: body[:20],
)  # fmt: skip
async def test_what_is_no_report_is_not_noted(db, web, body):
    assert await said(web, body) == []


async def test_only_so_many_are_noted(db, web, monkeypatch):
    monkeypatch.setattr(reports, "OF_ALL", Limit("all", 3, 10**9))

    assert sum([len(await said(web, report())) for _ in range(6)]) == 3
