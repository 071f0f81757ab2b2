"""Forms: whose they are, and that a form sent twice does its work once."""

import asyncio

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from forum.app import build
from forum.kit import posting
from forum.kit.db import run, value
from forum.kit.errors import Forbidden
from forum.kit.posting import WITHOUT_TOKEN, guarded
from forum.kit.tokens import form_token
from forum.wiring import ROUTES
from tests import tokened
from tests.factories import a_category, a_member, a_thread, sign_in_as
from tests.routes import UNSAFE, filled, requests

SESSION = "s" * 22
FORMS = sorted({(m, filled(path)) for m, path in requests(ROUTES) if m in UNSAFE and path not in WITHOUT_TOKEN})
STRANGE = "open since before you signed in or out"


# Whose form


async def test_a_member_sends_only_forms_of_their_own_session(db, web):
    await sign_in_as(web, db, await a_member(db))
    others = form_token("x" * 22)
    mine = form_token(web.cookies["session"])
    strange = ["", others, form_token(""), mine[:-1], f"{mine}0", mine.swapcase(), "é" * 55, f" {mine}"]

    for token in strange[:3]:
        for method, path in FORMS:
            answer = await web.request(method, path, headers={"x-form-token": token})
            assert answer.status_code == 403, path
            assert STRANGE in answer.text, path
    for token in strange:
        assert (await web.post("/unread", data={"token": token})).status_code == 403, token
    assert (await web.post("/unread", data={"token": mine})).status_code == 303
    assert (await web.post("/unread", headers={"x-form-token": mine})).status_code == 303


@pytest.mark.parametrize(
    "headers", [{"sec-fetch-site": "same-origin"}, {"origin": "http://forum.example"}, {}], ids=str
)
async def test_a_form_of_ours_needs_its_token_whatever_the_browser_says(db, web, headers):
    await sign_in_as(web, db, await a_member(db))

    assert (await web.post("/unread", headers={"x-form-token": "", **headers})).status_code == 403
    assert (await web.post("/unread", headers=headers)).status_code == 303


async def test_the_token_of_a_session_that_ended_is_no_good_for_the_next(db, web):
    ann = await sign_in_as(web, db, await a_member(db))
    old = form_token(web.cookies["session"])
    await sign_in_as(web, db, ann)

    assert (await web.post("/unread", data={"token": old})).status_code == 403


async def test_what_was_typed_into_a_refused_form_comes_back(db, web):
    await sign_in_as(web, db, await a_member(db))
    thread_id = await a_thread(db)

    page = await web.post(
        f"/t/{thread_id}/x", data={"body": "A <long> story.", "client_key": "k", "token": form_token("")}
    )

    assert page.status_code == 403
    assert "A &lt;long&gt; story." in page.text
    assert "copy it before you go on" in page.text


async def test_a_guests_form_needs_a_token_that_looks_like_one(web):
    for token, status in {"": 403, "x": 403, f"{'a' * 22}.{'0' * 32}": 303, form_token(""): 303}.items():
        answer = await web.post("/sign-in", data={"address": "a@b.example"}, headers={"x-form-token": token})
        assert answer.status_code == status, token


async def test_the_forms_of_a_page_carry_a_token_that_is_taken(db, web):
    await sign_in_as(web, db, await a_member(db))
    token = (await web.get("/settings")).text.split('name="token" value="')[1].split('"')[0]

    assert (await web.post("/unread", data={"token": token})).status_code == 303


# Once


@pytest.fixture
async def counting(db, tools):
    """A browser of a site with one form, and what the form did; the view is told what to answer."""
    done: list[str] = []

    async def view(request: Request) -> Response:
        form = await posting.sent_form(request)
        done.append(form.get("body", ""))
        number = len(done)
        await value(db, "SELECT pg_sleep(0.02)")
        if form.get("body") == "refuse":
            raise Forbidden("No.")
        if form.get("body") == "break":
            raise KeyError
        if form.get("body") == "page":
            return PlainTextResponse("Once more.", 422)
        response = RedirectResponse(f"/t/{number}", 303)
        if form.get("body") == "cookie":
            response.set_cookie("theme", "dark")
        return response

    async def told(request, refusal):
        return PlainTextResponse(refusal.reason, 403)

    paths = ("/a", "/b")
    app = Starlette(
        routes=[guarded(Route(path, view, methods=["POST"])) for path in paths], exception_handlers={Forbidden: told}
    )
    app.state.tools = tools

    async def signed_in(scope, receive, send):
        scope.setdefault("state", {})["session_token"] = SESSION
        await app(scope, receive, send)

    transport = httpx.ASGITransport(signed_in, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://forum.example") as browser:
        yield browser, done


def form(token, body="Hello", **more):
    return {"body": body, "token": token, **more}


async def test_a_form_sent_twice_is_answered_twice_and_done_once(counting):
    browser, done = counting
    token = form_token(SESSION)

    answers = [await browser.post("/a", data=form(token)) for _ in range(3)]

    assert [(answer.status_code, answer.headers["location"]) for answer in answers] == [(303, "/t/1")] * 3
    assert done == ["Hello"]


async def test_fifty_of_a_form_at_the_same_moment_are_done_once(db, counting):
    browser, done = counting
    token = form_token(SESSION)

    answers = await asyncio.gather(*(browser.post("/a", data=form(token)) for _ in range(50)))

    assert {(answer.status_code, answer.headers["location"]) for answer in answers} == {(303, "/t/1")}
    assert done == ["Hello"]
    assert await value(db, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") == 0


async def test_other_processes_wait_too(db, counting, monkeypatch):
    """Without the waiting inside the process, all of it is up to the database."""

    class NoTurn:
        def setdefault(self, mark, lock):
            return lock

    monkeypatch.setattr(posting, "_turns", NoTurn())
    browser, done = counting
    token = form_token(SESSION)

    answers = await asyncio.gather(*(browser.post("/a", data=form(token)) for _ in range(9)))

    assert {(answer.status_code, answer.headers["location"]) for answer in answers} == {(303, "/t/1")}
    assert done == ["Hello"]


async def test_fifty_different_forms_at_the_same_moment_are_all_done(db, counting):
    browser, done = counting

    answers = await asyncio.gather(*(browser.post("/a", data=form(form_token(SESSION))) for _ in range(50)))

    assert len({answer.headers["location"] for answer in answers}) == len(done) == 50
    assert await value(db, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") == 0


async def test_another_page_another_path_and_other_words_are_another_form(counting):
    browser, done = counting
    token = form_token(SESSION)

    await browser.post("/a", data=form(token))
    await browser.post("/a", data=form(form_token(SESSION)))
    await browser.post("/b", data=form(token))
    await browser.post("/a", data=form(token, "Hello, all"))
    await browser.post("/a", data=form(token, more="x"))

    assert len(done) == 5


@pytest.mark.parametrize("body", ["refuse", "break", "page", "cookie"])
async def test_what_was_not_done_may_be_sent_again(db, counting, body):
    browser, done = counting
    token = form_token(SESSION)

    answers = [(await browser.post("/a", data=form(token, body))).status_code for _ in range(2)]

    assert answers[0] == answers[1]
    assert done == [body, body]
    assert await value(db, "SELECT count(*) FROM form_receipt") == 0
    assert await value(db, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") == 0


async def test_scripts_and_their_buttons_leave_no_receipt(db, counting):
    browser, done = counting
    token = form_token(SESSION)

    for _ in range(2):
        await browser.post("/a", data=form(token), headers={"accept": "text/html; fragment"})
        await browser.post("/a", json={}, headers={"x-form-token": token})

    assert len(done) == 4
    assert await value(db, "SELECT count(*) FROM form_receipt") == 0


async def test_a_file_that_differs_makes_another_form(counting):
    browser, done = counting
    token = form_token(SESSION)

    for content in (b"one", b"one", b"two"):
        await browser.post("/a", data=form(token), files={"f": ("x.csv", content)})

    assert len(done) == 2


async def test_a_form_costs_one_question_before_and_one_after(counting, monkeypatch):
    asked = []
    ask = posting.value

    async def noting(db, sql, **values):
        asked.append(sql)
        return await ask(db, sql, **values)

    monkeypatch.setattr(posting, "value", noting)
    await counting[0].post("/a", data=form(form_token(SESSION)))

    assert len(asked) == 2


async def test_a_whole_reply_sent_twice_is_one_post(db, tools):
    thread_id = await a_thread(db, category=await a_category(db))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(build(tools)), base_url="http://forum.example", event_hooks=tokened.HOOKS
    ) as web:
        await sign_in_as(web, db, await a_member(db))
        token = form_token(web.cookies["session"])
        sent = {"body": "Because.", "client_key": "k", "token": token}

        answers = await asyncio.gather(*(web.post(f"/t/{thread_id}/x", data=sent) for _ in range(20)))

    assert len({answer.headers["location"] for answer in answers}) == 1
    assert await value(db, "SELECT count(*) FROM post WHERE thread_id = :id", id=thread_id) == 2


async def test_old_receipts_are_forgotten(db, tools, counting):
    browser, _ = counting
    await browser.post("/a", data=form(form_token(SESSION)))
    await run(db, "UPDATE form_receipt SET created_at = now() - interval '3 days'")
    await browser.post("/a", data=form(form_token(SESSION)))

    await posting.forget_receipts(tools)

    assert await value(db, "SELECT count(*) FROM form_receipt") == 1
