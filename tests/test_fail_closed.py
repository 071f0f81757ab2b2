"""When a guard itself breaks, the answer is no: nothing is written, and nothing is shown (row 64)."""

import pytest

from forum.kit.db import run, value
from forum.kit.posting import WITHOUT_TOKEN
from forum.members import sign_in
from tests.factories import a_category, a_member, a_reply, a_thread, sign_in_as
from tests.moderation.scenes import an_admin

SECRET = "zqxsecret"
GUARDS_OF_WRITING = [
    "forum.threads.policy.may_reply",
    "forum.threads.hold.reason_to_hold",
    "forum.threads.commands.render_safely",
    "forum.threads.queries.thread_to_change",
    "forum.kit.limits.take",
    "forum.kit.posting.is_form_token",
    "forum.kit.posting.sent_form",
    "forum.reader.reader",
]


def break_it(monkeypatch, guard: str) -> None:
    def broken(*_, **__):
        raise RuntimeError("broken")

    monkeypatch.setattr(guard, broken)


@pytest.mark.parametrize("guard", GUARDS_OF_WRITING)
async def test_nothing_is_posted_when_a_guard_breaks(db, web, monkeypatch, guard):
    await sign_in_as(web, db, await a_member(db))
    thread = await a_thread(db, category=await a_category(db))
    break_it(monkeypatch, guard)

    answer = await web.post(f"/t/{thread}/x", data={"body": "Let me in.", "client_key": "k"})

    assert answer.status_code == 500
    assert "broken" not in answer.text
    assert await value(db, "SELECT count(*) FROM post WHERE thread_id = :id", id=thread) == 1
    monkeypatch.undo()
    assert (await web.post(f"/t/{thread}/x", data={"body": "Let me in.", "client_key": "k"})).status_code == 303


async def test_nobody_is_shown_anything_when_it_is_not_known_who_asks(db, web, monkeypatch):
    await sign_in_as(web, db, await an_admin(db))
    thread = await a_thread(
        db, category=await a_category(db, read_by="staff"), author=await an_admin(db), title=f"A title {SECRET}"
    )
    open_thread = await a_thread(db, category=await a_category(db, read_by="everyone"))
    assert SECRET in (await web.get(f"/t/{thread}")).text
    break_it(monkeypatch, "forum.reader.reader")

    for path in ("/", f"/t/{thread}", f"/t/{open_thread}", "/people", "/admin", "/settings"):
        answer = await web.get(path)
        assert (answer.status_code, SECRET in answer.text) == (500, False), path
        assert answer.headers["cache-control"] == "private, no-store"


@pytest.mark.parametrize("state", ["active", "suspended"])
async def test_a_session_whose_member_is_not_active_is_nobodys(db, web, state):
    ann = await sign_in_as(web, db, await a_member(db))
    token = web.cookies["session"]
    await run(db, "UPDATE member SET state = :state WHERE id = :id", state=state, id=ann.id)
    web.cookies.set("session", token)

    assert (await web.get("/settings")).status_code == (200 if state == "active" else 403)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE category SET read_by = 'whoever'",
        "UPDATE category SET read_by = ''",
        "UPDATE category SET read_by = NULL",
        "UPDATE category SET is_hidden = NULL",
        "UPDATE category SET lets_vendors_in = NULL",
        "UPDATE member SET role = 'root'",
        "UPDATE member SET role = NULL",
        "UPDATE member SET state = NULL",
        "UPDATE session SET expires_at = NULL",
        "UPDATE mailed_link SET expires_at = NULL",
        "UPDATE mailed_link SET purpose = ''",
    ],
)
async def test_the_database_holds_no_right_that_means_nothing(db, statement):
    ann = await a_member(db)
    await a_category(db)
    await sign_in.start_session(db, ann.id, "Test")
    await sign_in.issue_link(db, "sign-in", "ann@district.example", hours=1)

    with pytest.raises(Exception, match="constraint"):
        await run(db, statement)


async def test_a_category_is_shut_unless_somebody_says_otherwise(db):
    await run(db, "INSERT INTO category (slug, name) VALUES ('fresh', 'Fresh')")

    assert await value(db, "SELECT read_by FROM category") in ("members", "staff")
    assert not await value(db, "SELECT lets_vendors_in FROM category")


async def test_without_the_secret_of_a_provider_there_is_no_such_way_in(web):
    for path in ("/sign-in/with/google", "/sign-in/with/microsoft", "/sign-in/with/oidc"):
        assert (await web.get(path)).status_code == 404
        assert (await web.get(f"{path}/back?code=x&state=")).status_code == 404


async def test_empty_secrets_open_nothing(db, web):
    await a_reply(db, await a_thread(db))
    await a_member(db)
    for cookie in ("session=", "session=; theme=dark", 'session=""', "session=null", "session=0"):
        assert (await web.get("/settings", headers={"cookie": cookie})).status_code == 403
    for path in ("/sign-in/", "/sign-in/%20", "/join/%20", "/address/%20", "/merge/%20", "/return/%20"):
        assert (await web.post(path)).status_code in (307, 403, 404), path
    assert {"/csp-report", "/mail/u/{signed:path}"} == WITHOUT_TOKEN  # taken without a token: the address is one
