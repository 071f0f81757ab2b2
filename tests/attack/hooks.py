"""What schemathesis loads: somebody is signed in at every request, and every answer has the headers of ours."""

import os
from typing import Any

import schemathesis

from tests.attack.target import Headers, headers_of

URL, HANDLE = os.environ["ATTACK_URL"], os.environ["ATTACK_HANDLE"]
REQUIRED = {
    "content-security-policy": "default-src 'none'; script-src 'self'; ",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cache-control": "",
}
session: list[Headers] = []


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: Any) -> None:
    if not session:
        session.append(headers_of(URL, HANDLE))
    case.headers = {**(case.headers or {}), **session[0].pairs}


@schemathesis.hook
def after_call(context: Any, case: Any, response: Any) -> None:
    """Any form may have ended the session: the next request has a new one."""
    if case.method not in ("GET", "HEAD"):
        session.clear()


@schemathesis.check
def has_our_headers(context: Any, response: Any, case: Any) -> None:
    for name, beginning in REQUIRED.items():
        found = response.headers.get(name, [])
        assert found, f"no {name}"
        assert found[0].startswith(beginning), f"{name}: {found[0]}"
