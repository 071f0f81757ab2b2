"""What refusals and breakdowns look like, whatever page they meet."""

import asyncio
import re

import httpx
import pytest
from structlog.testing import capture_logs

from forum.app import build
from forum.kit.db import connect, run, value
from forum.kit.guard import HEADERS, MAX_BODY
from forum.kit.tools import Tools
from forum.members import sign_in
from forum.threads import delete
from forum.wiring import ROUTES
from tests import tokened
from tests.factories import a_category, a_member, a_thread, an_admin, post_id, sign_in_as
from tests.fakes import FakeMailer
from tests.fields import forms
from tests.masking import untokened
from tests.outage import wire_to
from tests.routes import filled, places, requests

OF_THREADS = sorted({(method, path) for method, path in requests(ROUTES) if {"thread_id", "post_id"} & places(path)})
FIELDS = forms()
SENT = {"body": "Hello", "client_key": "k", "version": "1", "helpful": "yes", "coming": "yes", "cancelled": "yes"}
PAGES = sorted({path for method, path in requests(ROUTES) if method == "GET"})


def masked(answer, *words: object) -> str:
    """All that an outsider can learn, without the request's id and the words they sent themselves."""
    headers = sorted((name, value) for name, value in answer.headers.multi_items() if name != "content-length")
    text = f"{answer.status_code} {headers} {untokened(answer.text)}".replace(answer.headers["x-request-id"], "ID")
    for word in words:
        text = re.sub(rf"(?<=/){word}(?=/|\b)", "N", text)
    return text


# What may not be read is as if it were not there


@pytest.mark.parametrize("role", ["guest", "member", "vendor"])
async def test_what_may_not_be_read_answers_byte_for_byte_like_what_is_not_there(db, web, role):
    hidden = await a_category(db, read_by="staff")
    thread_id = await a_thread(db, category=hidden, author=await a_member(db, moderates=[hidden]))
    deleted_id = await a_thread(db, category=await a_category(db, read_by="everyone", lets_vendors_in=True))
    await delete.delete(db, await an_admin(db), await post_id(db, deleted_id), "")
    ids = [(thread, await post_id(db, thread)) for thread in (thread_id, deleted_id, 4_000_000_000)]
    if role != "guest":
        await sign_in_as(web, db, await a_member(db, role=role))

    for method, path in OF_THREADS:
        texts = set()
        for thread, post in ids:
            answer = await web.request(
                method,
                filled(path, thread_id=thread, post_id=post or 4_000_000_000),
                data={name: SENT[name] for name in FIELDS.get(path, ()) if name in SENT} if method == "POST" else None,
            )
            assert answer.status_code in (403, 404, 405), (method, path)
            texts.add(masked(answer, thread, post or 4_000_000_000))
        assert len(texts) == 1, (method, path)


async def test_categories_topics_and_people_that_may_not_be_seen_are_not_there(db, web):
    hidden = await a_category(db, read_by="staff")
    author = await a_member(db, moderates=[hidden])
    await a_thread(db, category=hidden, author=author, topics="secret-incident")
    await run(db, "UPDATE member SET state = 'suspended' WHERE id = :id", id=(await a_member(db, name="Ex Member")).id)
    await sign_in_as(web, db, await a_member(db))
    pairs = [
        (f"/c/{hidden}", "/c/nothing"),
        (f"/c/{hidden}/top", "/c/nothing/top"),
        ("/topics/secret-incident", "/topics/nothing"),
        ("/topics/secret-incident/top", "/topics/nothing/top"),
        ("/people/ex.member", "/people/nobody"),
    ]
    for there, nowhere in pairs:
        answers = [await web.get(path) for path in (there, nowhere)]
        assert [answer.status_code for answer in answers] == [404, 404], there
        assert masked(answers[0]) == masked(answers[1]), there


# Every refusal has its page


@pytest.mark.parametrize("who", ["guest", "member"])
async def test_a_refused_form_leads_back_to_its_page(db, web, who):
    if who == "member":
        await sign_in_as(web, db, await a_member(db))
    here, back = "/c/help?order=top", '<a class="btn{}" href="/c/help?order=top">Go back</a>'
    for referer in (f"http://forum.example{here}", f"https://evil.example{here}", "http://[", ""):
        refused = (await web.post("/drafts", data={"draft_key": "nonsense"}, headers={"referer": referer})).text
        is_ours = "forum.example" in referer
        assert (back.format("" if who == "guest" else " btn-primary") in refused) is is_ours
        assert ("Go back</a>" in refused) is is_ours
        assert "Go back</a>" not in (await web.get("/nowhere", headers={"referer": referer})).text


async def test_each_refusal_has_a_page_that_says_what_to_do(db, web, monkeypatch):
    monkeypatch.setattr(sign_in, "MAILS_AN_HOUR", 0)
    await sign_in_as(web, db, await a_member(db))
    link = await sign_in.issue_link(db, "sign-in", "x@district.example", hours=1)
    answers = {
        403: await web.get("/people/requests"),
        404: await web.get("/nowhere"),
        405: await web.delete("/settings"),
        413: await web.post("/settings", data={"name": "x" * MAX_BODY}),
        422: await web.post("/drafts", data={"draft_key": "nonsense", "body": "x"}),
        429: await web.post("/sign-in", data={"address": "a@district.example"}),
    }

    for status, answer in answers.items():
        assert answer.status_code == status
        assert "<h1>" in answer.text, status
        assert answer.headers["x-request-id"] in answer.text
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "Only administrators decide who joins." in answers[403].text
    assert answers[405].headers["allow"] in ("GET, HEAD", "HEAD, GET", "POST")
    assert 0 < int(answers[429].headers["retry-after"]) <= 3600
    assert link not in str(answers)


async def test_every_kind_of_answer_carries_the_headers_and_is_kept_nowhere(db, web):
    thread_id = await a_thread(db, category=await a_category(db, read_by="everyone"))
    sheet = re.search(r'href="(/static/[^"]+/site.css)"', (await web.get("/")).text)[1]
    answers = [
        await web.get("/"),
        await web.head("/"),
        await web.get(f"/t/{thread_id}"),
        await web.get("/help", headers={"accept-encoding": "gzip"}),
        await web.get("/nowhere"),
        await web.get("/static/x/nowhere.js"),
        await web.get("/unread"),
        await web.get("/t/1/"),
        await web.delete("/"),
        await web.post("/sign-in", data={"address": "x"}),
        await web.post("/sign-in", data={"address": "x@district.example"}),
        await web.post("/sign-in", data={"address": "x" * MAX_BODY}),
        await web.post("/sign-in", headers={"origin": "https://evil.example"}),
        await web.post("/preview", data={"body": "x"}, headers={"accept": "text/html; fragment"}),
        await web.get("/", headers={"host": "evil.example"}),
        await web.get("/healthz"),
        await web.get("/readyz"),
    ]
    statuses = {answer.status_code for answer in answers}
    assert statuses >= {200, 303, 403, 404, 405, 413, 421, 422}
    for answer in answers:
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS, answer.url
        assert answer.headers["cache-control"] == "private, no-store", answer.url
    files = [await web.get(sheet), await web.head(sheet), await web.get(sheet, headers={"accept-encoding": "gzip"})]
    for answer in files:
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


async def test_moments_are_told_in_the_sites_zone_where_no_script_runs(db, web):
    thread = await a_thread(db, category=await a_category(db, read_by="everyone"))
    await run(db, "UPDATE thread SET created_at = '2027-01-01 05:30+00'")
    await run(db, "UPDATE post SET created_at = '2027-01-01 05:30+00'")

    page = (await web.get(f"/t/{thread}")).text

    assert '<time datetime="2027-01-01T05:30:00+00:00">Dec 31, 2026, 11:30 PM Central time</time>' in page


async def test_nothing_that_is_read_sets_a_cookie_or_changes_a_row(db, web):
    thread_id = await a_thread(db, category=await a_category(db, read_by="everyone"))
    before = await counted(db)

    for path in PAGES:
        answer = await web.get(filled(path, thread_id=thread_id, post_id=await post_id(db, thread_id)))
        assert "set-cookie" not in answer.headers, path

    assert await counted(db) == before


async def counted(db) -> dict[str, str]:
    """How many rows each table has, and which transaction wrote the newest."""
    names = await value(db, "SELECT array_agg(relname) FROM pg_stat_user_tables")
    sums = "SELECT CAST((count(*), max(CAST(CAST(xmin AS text) AS bigint))) AS text) FROM "
    return {name: await value(db, sums + name) for name in names}


# Bugs


async def test_a_bug_is_said_once_in_the_log_without_anybodys_words(db, tools, web):
    ann = await sign_in_as(web, db, await a_member(db))

    def broken(request):
        raise KeyError("what Ann wrote, and ann@district.example")

    app = build(tools)
    app.state.frame = broken
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app),
        base_url="http://forum.example",
        cookies=web.cookies,
        event_hooks=tokened.HOOKS,
    ) as browser:
        with capture_logs() as logged:
            answer = await browser.post("/settings", data={"name": "Words of Ann's", "title": "x" * 200})

    assert answer.status_code == 500
    assert answer.text == (
        f"Something broke on our side; the log knows it as {answer.headers['x-request-id']}. "
        "Go back: your text is still there.\n"
    )
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    assert answer.headers["cache-control"] == "private, no-store"
    failed = [entry for entry in logged if entry["event"] != "request"]
    assert [(entry["event"], entry["request_id"], entry["actor_id"]) for entry in failed] == [
        ("request failed", answer.headers["x-request-id"], ann.id)
    ]
    assert "KeyError at " in failed[0]["error"]
    assert "Ann" not in str(logged)
    assert "ann@" not in str(logged)


async def test_a_refusal_is_no_bug(db, web):
    with capture_logs() as logged:
        for path in ("/nowhere", "/unread", "/t/1"):
            await web.get(path)
        await web.post("/sign-in", data={"address": "x"})
        await web.post("/sign-in", data={"address": "x" * MAX_BODY})

    assert {entry["log_level"] for entry in logged} == {"info"}


async def test_a_browser_that_goes_away_while_it_sends_a_form_is_no_bug(db, tools, web):
    await sign_in_as(web, db, await a_member(db))
    sent = []
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/settings",
        "raw_path": b"/settings",
        "query_string": b"",
        "scheme": "http",
        "server": ("forum.example", 80),
        "client": ("127.0.0.1", 9),
        "headers": [
            (b"host", b"forum.example"),
            (b"origin", b"http://forum.example"),
            (b"cookie", f"session={web.cookies['session']}".encode()),
            (b"content-type", b"application/x-www-form-urlencoded"),
            (b"content-length", b"9"),
        ],
    }

    async def receive():
        return {"type": "http.disconnect"}

    async def send(message):
        sent.append(message)

    with capture_logs() as logged:
        await build(tools)(scope, receive, send)

    assert sent == []
    assert [(entry["event"], entry["log_level"]) for entry in logged] == [("request", "info")]


# The database goes away


@pytest.fixture
async def wire(database_url, tmp_path_factory):
    async with wire_to(database_url, tmp_path_factory.mktemp("w")) as wire:
        yield wire


@pytest.fixture
async def fragile(db, wire, settings):
    """A browser on a forum whose database can go away."""
    async with connect(wire.url) as fragile_db:
        app = build(Tools(db=fragile_db, mailer=FakeMailer(), settings=settings))
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://forum.example", event_hooks=tokened.HOOKS
        ) as browser:
            yield browser


async def test_without_its_database_the_forum_says_so_and_recovers_by_itself(db, wire, fragile):
    ann = await sign_in_as(fragile, db, await a_member(db))
    assert (await fragile.get("/settings")).status_code == 200

    await wire.cut()
    with capture_logs() as logged:
        answers = [
            await fragile.get("/"),
            await fragile.post("/settings", data={"name": "New"}),
            await fragile.get("/"),
        ]

    for answer in answers:
        assert answer.status_code == 503
        assert "database" in answer.text
        assert "not stored" in answer.text
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS
        assert answer.headers["cache-control"] == "private, no-store"
        assert answer.headers["retry-after"] == "10"
    assert {entry["log_level"] for entry in logged} == {"info"}
    assert (await fragile.get("/healthz")).status_code == 200
    assert (await fragile.get("/readyz")).status_code == 503
    assert (await fragile.get("/static/x/site.css")).status_code == 200

    await wire.mend()

    assert (await fragile.get("/readyz")).json() == {"status": "ok"}
    assert (await fragile.post("/settings", data={"name": "New", "title": "", "about": ""})).status_code == 303
    assert await value(db, "SELECT name FROM member WHERE id = :id", id=ann.id) == "New"


async def test_connections_that_broke_while_nobody_looked_cost_at_most_one_answer(db, wire, fragile):
    assert (await fragile.get("/help")).status_code == 200

    await wire.cut()
    await wire.mend()

    answers = [(await fragile.get("/help")).status_code for _ in range(4)]
    assert answers[1:] == [200] * 3
    assert answers[0] in (200, 503)


async def test_many_requests_while_the_database_is_away_use_up_no_connections(wire, fragile):
    await wire.cut()
    answers = await asyncio.gather(*(fragile.get("/") for _ in range(30)))
    assert {answer.status_code for answer in answers} == {503}

    await wire.mend()

    answers = await asyncio.gather(*(fragile.get("/help") for _ in range(30)))
    assert {answer.status_code for answer in answers} == {200}


async def test_a_database_without_the_newest_migration_is_not_ready(db, web):
    async def ready_and_fail():
        async with db.transaction():
            await run(db, "DELETE FROM schema_migration WHERE version = (SELECT max(version) FROM schema_migration)")
            assert (await web.get("/readyz")).json() == {"status": "1 migrations to apply"}
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await ready_and_fail()
