"""What every answer says in its headers; what a client says in its own changes none (rows 34 to 37)."""

import re

import httpx
import pytest

from forum.app import build
from forum.kit.guard import MAX_BODY, MAX_URL
from forum.kit.settings import Settings
from forum.kit.tools import Tools
from forum.members import sign_in
from tests import tokened
from tests.factories import a_category, a_member, a_thread, sign_in_as
from tests.fakes import FakeMailer
from tests.masking import untokened

SNAPSHOT = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "font-src 'none'; object-src 'none'; frame-src 'none'; manifest-src 'self'; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'; report-uri /csp-report"
    ),
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()",
    "referrer-policy": "same-origin",
    "strict-transport-security": "max-age=31536000",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "x-robots-tag": "noindex, noarchive",
}
PAGE = SNAPSHOT | {"cache-control": "private, no-store", "vary": "accept, cookie, accept-encoding"}
FILE = SNAPSHOT | {"cache-control": "public, max-age=31536000, immutable", "vary": "accept-encoding"}
OF_ONE_ANSWER = {
    "content-length",
    "content-type",
    "x-request-id",
    "set-cookie",
    "location",
    "allow",
    "retry-after",
    "etag",
}


@pytest.fixture
def secure_settings():
    return Settings(base_url="https://forum.example", smtp_url="smtp://127.0.0.1:1")


@pytest.fixture
async def secure(db, secure_settings):
    """A browser of the forum as it runs in the open: over https."""
    app = build(Tools(db=db, mailer=FakeMailer(), settings=secure_settings))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="https://forum.example", event_hooks=tokened.HOOKS
    ) as browser:
        yield browser


def said(answer) -> dict[str, str]:
    return {name: text for name, text in answer.headers.items() if name not in OF_ONE_ANSWER}


async def test_all_headers_of_every_kind_of_answer(db, secure):
    thread_id = await a_thread(db, category=await a_category(db, read_by="everyone"))
    token = await sign_in.start_session(db, (await a_member(db)).id, "Test")
    sheet = re.search(r'href="(/static/[^"]+/site.css)"', (await secure.get("/help")).text)[1]
    plain = {"accept-encoding": "identity"}
    member = {"cookie": f"__Host-session={token}", **plain}
    pages = {
        "a page": (await secure.get("/", headers=plain), 200),
        "its head": (await secure.head("/", headers=plain), 200),
        "a thread": (await secure.get(f"/t/{thread_id}", headers=member), 200),
        "a member's own page": (await secure.get("/settings", headers=member), 200),
        "a piece of a page": (
            await secure.get("/ask/similar", headers=member | {"accept": "text/html; fragment"}),
            200,
        ),
        "a redirect": (await secure.post("/unread", headers=member), 303),
        "not for guests": (await secure.get("/settings", headers=plain), 403),
        "no such page": (await secure.get("/nowhere", headers=plain), 404),
        "no such file": (await secure.get("/static/x/nowhere.js", headers=plain), 404),
        "another method": (await secure.delete("/", headers=plain), 405),
        "too long an address": (await secure.get("/" + "x" * MAX_URL, headers=plain), 400),
        "a character no page has": (await secure.get("/a%00", headers=plain), 400),
        "too large": (await secure.post("/join", data={"name": "x" * MAX_BODY}, headers=plain), 413),
        "another host": (await secure.get("/", headers={"host": "evil.example", **plain}), 421),
        "another site's form": (await secure.post("/join", headers={"origin": "https://evil.example", **plain}), 403),
        "no token": (await secure.post("/unread", headers={"x-form-token": "", **member}), 403),
        "a refused form": (await secure.post("/join", data={"name": ""}, headers=plain), 422),
        "health": (await secure.get("/healthz", headers=plain), 200),
        "a report": (await secure.post("/csp-report", content=b"{}", headers=plain), 204),
    }
    for name, (answer, status) in pages.items():
        assert answer.status_code == status, name
        assert said(answer) == PAGE, name
        assert "etag" not in answer.headers, name  # it would tell whether something hidden has changed
    for answer in (await secure.get(sheet, headers=plain), await secure.head(sheet, headers=plain)):
        assert said(answer) == FILE
    packed = await secure.get("/", headers={"accept-encoding": "gzip"})
    assert said(packed) == PAGE | {"content-encoding": "gzip"}


async def test_without_https_no_promise_of_it(web):
    assert "strict-transport-security" not in (await web.get("/")).headers


async def test_every_cookie_is_bound_to_this_host_and_no_scripts_business(db, secure):
    ann = await a_member(db, address="ann@district.example")
    link = await sign_in.issue_link(db, "sign-in", "ann@district.example", hours=1)
    answers = [
        await secure.post("/theme", data={"theme": "dark"}),
        await secure.post("/theme", data={"theme": "system"}),
        await secure.post("/threads/order", data={"order": "helpful"}),
        await secure.post(f"/sign-in/{link}"),
        await secure.post("/sign-out"),
    ]

    cookies = [cookie for answer in answers for cookie in answer.headers.get_list("set-cookie")]
    assert {cookie.split("=")[0] for cookie in cookies} >= {"__Host-theme", "__Host-post-order", "__Host-session"}
    for cookie in cookies:
        assert cookie.startswith("__Host-")
        attributes = {part.strip().lower() for part in cookie.split(";")[1:]}
        assert {"path=/", "secure", "httponly", "samesite=lax"} <= attributes
        assert not any(part.startswith("domain") for part in attributes)
    assert answers[-1].headers["clear-site-data"] == '"storage"'
    assert ann.id


# What a client says of itself

FORGED = {
    "x-forwarded-host": "evil.example",
    "x-forwarded-proto": "https",
    "x-forwarded-port": "444",
    "x-forwarded-prefix": "/evil",
    "x-forwarded-server": "evil.example",
    "x-forwarded-scheme": "https",
    "x-forwarded-ssl": "on",
    "x-forwarded-for": "192.0.2.1, 127.0.0.1",
    "forwarded": "for=192.0.2.1;host=evil.example;proto=https",
    "x-real-ip": "192.0.2.1",
    "x-client-ip": "192.0.2.1",
    "true-client-ip": "192.0.2.1",
    "cf-connecting-ip": "192.0.2.1",
    "x-remote-user": "admin",
    "x-user-id": "1",
    "authorization": "Basic YWRtaW46YWRtaW4=",
    "x-original-url": "/admin",
    "x-rewrite-url": "/admin",
    "x-original-host": "evil.example",
    "x-host": "evil.example",
    "x-http-method-override": "DELETE",
    "x-http-method": "POST",
    "x-method-override": "PUT",
    "x-request-id": "mine",
    "x-correlation-id": "mine",
    "x-wap-profile": "http://evil.example/x.xml",
    "front-end-https": "on",
    "proxy": "http://evil.example",
    "origin": "https://evil.example",
    "referer": "https://evil.example/",
    "from": "admin@forum.example",
    "via": "1.1 evil.example",
    "if-none-match": "*",
    "if-modified-since": "Fri, 01 Jan 2100 00:00:00 GMT",
    "range": "bytes=0-10",
    "accept-language": "tlh",
    "user-agent": "<script>alert(1)</script>" * 50,
    "cookie": "theme=dark'; demo-guest=1; lang=x",
}


@pytest.mark.parametrize("path", ["/", "/help", "/sign-in", "/join", "/nowhere", "/settings"])
async def test_no_odd_header_changes_an_answer(db, web, path):
    await a_thread(db, category=await a_category(db, read_by="everyone"))

    def all_of(answer):
        headers = {
            name: text for name, text in answer.headers.items() if name not in ("x-request-id", "content-length")
        }
        return answer.status_code, headers, untokened(answer.text).replace(answer.headers["x-request-id"], "ID")

    plain = all_of(await web.get(path))
    for name, text in FORGED.items():
        assert all_of(await web.get(path, headers={name: text})) == plain, name


async def test_a_mailed_link_leads_to_the_site_whatever_name_was_sent(db, web, drain, tools):
    await a_member(db, address="ann@district.example")
    forged = {name: FORGED[name] for name in ("x-forwarded-host", "forwarded", "x-host", "x-original-host")}

    refused = await web.post(
        "/sign-in", data={"address": "ann@district.example"}, headers={"host": "evil.example", **forged}
    )
    await web.post("/sign-in", data={"address": "ann@district.example"}, headers=forged)
    await drain()

    assert refused.status_code == 421
    assert len(tools.mailer.sent) == 1
    assert "http://forum.example/sign-in/" in tools.mailer.sent[0].text
    assert "evil" not in tools.mailer.sent[0].text


# Where a form leads

ELSEWHERE = [
    "https://evil.example",
    "//evil.example",
    "///evil.example",
    "////evil.example",
    "/\\evil.example",
    "\\/evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "\t//evil.example",
    "/\u2028/evil.example",
    "/\u202eelpmaxe.live",
    "/\u00ad/evil.example\u200b",
    "https:evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "@evil.example",
    ".evil.example",
    "/x" * 400,
    "\x00//evil.example",
]


@pytest.mark.parametrize("wanted", ELSEWHERE, ids=lambda text: repr(text)[:24])
async def test_a_form_leads_to_no_other_site(db, web, wanted):
    link = await sign_in.issue_link(
        db, "sign-in", "ann@district.example", next_path=wanted[:900].replace("\0", ""), hours=1
    )
    await a_member(db, address="ann@district.example")
    answers = [
        await web.post("/threads/order", data={"order": "time", "next": wanted}),
        await web.post("/theme", data={"theme": "dark"}, headers={"referer": "http://forum.example//evil.example/"}),
        await web.post(f"/sign-in/{link}"),
        await web.post("/drafts/drop", data={"draft_key": "ask", "next": wanted}),
    ]

    for answer in answers:
        assert answer.status_code == 303
        assert re.match(r"/(?![/\\])[\x21-\x7e]*$", answer.headers["location"]), answer.headers["location"]
        assert httpx.URL("http://forum.example/").join(answer.headers["location"]).host == "forum.example"
    assert f'value="{wanted}"' not in (await web.get("/sign-in", params={"next": wanted.replace("\0", "")})).text
    assert await sign_in_as(web, db, await a_member(db))
