"""Sessions: what the cookie is worth, how long, and how it ends."""

import asyncio
from datetime import timedelta

import httpx
import pytest

from forum.app import build
from forum.kit.db import run, value
from forum.kit.errors import Forbidden, NotFound
from forum.kit.settings import Settings
from forum.kit.tools import Tools
from forum.members import profile, queries, sign_in
from forum.members.types import GUEST
from tests import tokened
from tests.factories import a_category, a_member, sign_in_as
from tests.fakes import FakeMailer

OLD = "UPDATE session SET last_used_at = now() - interval '2 hours', expires_at = now() + interval '1 day'"


async def who(web) -> str:
    """Whose page the browser says is its own; "" for a guest."""
    page = await web.get("/settings")
    return page.text.partition('class="menu-name">')[2].partition("<")[0]


async def test_a_session_is_worth_its_member(db, web):
    ann = await sign_in_as(web, db, await a_member(db))

    assert await who(web) == ann.name


@pytest.mark.parametrize(
    "cookie", ["", "x" * 22, "é", "a b", '"\\000"', "x" * 4000, "' OR 1=1 --"], ids=lambda cookie: cookie[:8]
)
async def test_any_other_cookie_is_a_guest(db, web, cookie):
    answer = await web.get("/help", headers={"cookie": f"session={cookie}".encode()})

    assert answer.status_code == 200
    assert "Sign in" in answer.text
    assert "set-cookie" not in answer.headers


async def test_a_session_that_is_over_is_a_guest(db, web):
    await sign_in_as(web, db, await a_member(db))
    await run(db, "UPDATE session SET expires_at = now() - interval '1 second'")

    assert await who(web) == ""


async def test_the_sessions_of_a_suspended_member_are_a_guest_at_once(db, web):
    ann = await sign_in_as(web, db, await a_member(db))
    await run(db, "UPDATE member SET state = 'suspended' WHERE id = :id", id=ann.id)

    assert await who(web) == ""
    assert (await web.post("/settings", data={"name": "Still me"})).status_code == 403


async def test_a_new_role_counts_at_once(db, web):
    await sign_in_as(web, db, await a_member(db, address="ann@district.example"))
    await a_member(db, role="admin")
    assert (await web.get("/people/requests")).status_code == 403

    await profile.grant(db, "ann@district.example", "admin")

    assert (await web.get("/people/requests")).status_code == 200
    await profile.grant(db, "ann@district.example", "member")
    assert (await web.get("/people/requests")).status_code == 403


async def test_thirty_days_begin_anew_when_a_session_is_used(db, web):
    await sign_in_as(web, db, await a_member(db))
    token = web.cookies["session"]
    await run(db, OLD)

    answer = await web.get("/help")

    assert set_cookies(answer) == [f"session={token}; HttpOnly; Max-Age=2592000; Path=/; SameSite=lax"]
    left = await value(db, "SELECT expires_at - now() FROM session")
    assert timedelta(days=29.9) < left <= timedelta(days=30)
    assert "set-cookie" not in (await web.get("/help")).headers  # at most once an hour


def set_cookies(answer) -> list[str]:
    return answer.headers.get_list("set-cookie")


async def test_a_refused_page_renews_too(db, web):
    await sign_in_as(web, db, await a_member(db))
    await run(db, OLD)

    answer = await web.get("/t/999")

    assert (answer.status_code, len(set_cookies(answer))) == (404, 1)


async def test_signing_in_as_somebody_else_is_not_undone_by_the_renewal_of_the_old_session(db, web):
    await sign_in_as(web, db, await a_member(db))
    bo = await a_member(db, address="bo@district.example")
    link = await sign_in.issue_link(db, "sign-in", "bo@district.example", hours=1)
    await run(db, OLD)

    answer = await web.post(f"/sign-in/{link}")

    assert len(set_cookies(answer)) == 1
    assert await who(web) == bo.name


async def test_signing_out_of_an_old_session_leaves_no_cookie(db, web):
    await sign_in_as(web, db, await a_member(db))
    await run(db, OLD)

    answer = await web.post("/sign-out")

    assert [cookie.partition(";")[0] for cookie in set_cookies(answer)] == ['session=""']
    assert "Max-Age=0" in set_cookies(answer)[0]


async def test_signing_out_ends_the_session(db, web):
    await sign_in_as(web, db, await a_member(db))
    stolen = web.cookies["session"]

    answer = await web.post("/sign-out")

    assert (answer.status_code, answer.headers["location"]) == (303, "/?notice=signed-out")
    assert answer.headers["clear-site-data"] == '"storage"'
    assert await value(db, "SELECT count(*) FROM session") == 0
    web.cookies.set("session", stolen)
    assert await who(web) == ""
    assert (await web.post("/sign-out")).status_code == 303  # twice does no harm


async def test_signing_in_gives_a_new_session_and_leaves_a_planted_one_worthless(db, web):
    await a_member(db, address="ann@district.example")
    planted = "planted-by-somebody-el"
    link = await sign_in.issue_link(db, "sign-in", "ann@district.example", hours=1)

    answer = await web.post(f"/sign-in/{link}", headers={"cookie": f"session={planted}"})

    assert planted not in set_cookies(answer)[0]
    web.cookies = {"session": planted}
    assert await who(web) == ""


async def test_the_cookie_of_a_site_with_https_is_bound_to_its_host(db):
    settings = Settings(base_url="https://forum.example", smtp_url="smtp://127.0.0.1:1")
    await a_member(db, address="ann@district.example")
    link = await sign_in.issue_link(db, "sign-in", "ann@district.example", hours=1)
    app = build(Tools(db=db, mailer=FakeMailer(), settings=settings))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="https://forum.example", event_hooks=tokened.HOOKS
    ) as web:
        answer = await web.post(f"/sign-in/{link}")

        name, _, attributes = set_cookies(answer)[0].partition("=")
        assert name == "__Host-session"
        assert attributes.partition("; ")[2] == "HttpOnly; Max-Age=2592000; Path=/; SameSite=lax; Secure"
        assert (await web.get("/settings")).status_code == 200
        web.cookies = {"session": attributes.partition(";")[0]}  # the name without the prefix is not taken
        assert (await web.get("/settings")).status_code == 403
        assert answer.headers["strict-transport-security"] == "max-age=31536000"


# The list


async def test_a_member_sees_where_they_are_signed_in(db, web):
    ann = await sign_in_as(web, db, await a_member(db))
    await sign_in.start_session(db, ann.id, "Firefox on Windows")
    await sign_in.start_session(db, (await a_member(db)).id, "Somebody else's")

    page = await web.get("/settings/security")

    assert "Firefox on Windows" in page.text
    assert "Somebody else" not in page.text
    assert page.text.count("This one") == 1


async def test_ending_a_session_ends_only_ones_own(db):
    ann, bo = await a_member(db), await a_member(db)
    for member in (ann, bo):
        await sign_in.start_session(db, member.id, "")
    anns, bos = [await value(db, "SELECT id FROM session WHERE member_id = :id", id=each.id) for each in (ann, bo)]

    for session_id in (bos, anns, anns, 2**62):
        await sign_in.end_session(db, ann, session_id)
    await sign_in.end_session(db, GUEST, bos)

    assert await value(db, "SELECT array_agg(id) FROM session") == [bos]


async def test_a_session_ended_in_the_list_is_over(db, web):
    ann = await sign_in_as(web, db, await a_member(db))

    answer = await web.post(f"/settings/sessions/{ann.session_id}/end")

    assert answer.headers["location"] == "/settings/security?notice=sessions-ended"
    assert await who(web) == ""


async def test_signing_out_everywhere_else_keeps_this_browser(db, web):
    ann = await sign_in_as(web, db, await a_member(db))
    other = await a_member(db)
    for member in (ann, ann, other):
        await sign_in.start_session(db, member.id, "")

    await web.post("/settings/sessions/end-others")

    assert [each.id for each in await queries.open_sessions(db, ann)] == [ann.session_id]
    assert len(await queries.open_sessions(db, other)) == 1
    assert await who(web) == ann.name


@pytest.mark.parametrize("path", ["/settings/sessions/1/end", "/settings/sessions/end-others", "/settings", "/unread"])
async def test_guests_have_no_sessions_and_no_settings(web, path):
    assert (await web.post(path)).status_code == 403


async def test_guests_have_no_settings_to_change(db):
    with pytest.raises(Forbidden):
        await profile.mark_all_read(db, GUEST)


# Places, and when all of it ends


async def test_a_session_says_from_which_network_it_was_used_last(db, web):
    ann = await sign_in_as(web, db, await a_member(db))
    await run(db, "UPDATE session SET place = 'network 203.0.113.0/24', last_used_at = now() - interval '6 minutes'")
    assert "from network 203.0.113.0/24" in (await web.get("/settings/security")).text.replace("127.0.0", "203.0.113")

    [session] = await queries.open_sessions(db, ann)

    assert session.place == "network 127.0.0.0/24"


async def test_the_list_of_sessions_is_where_it_was(db, web):
    await sign_in_as(web, db, await a_member(db))

    assert (await web.get("/settings/sessions")).headers["location"] == "/settings/security#sessions"


async def test_signing_out_everywhere_ends_this_session_too(db, web):
    ann = await sign_in_as(web, db, await a_member(db))
    other = await a_member(db)
    for member in (ann, other):
        await sign_in.start_session(db, member.id, "")

    answer = await web.post("/settings/sessions/end-all")

    assert answer.headers["location"] == "/?notice=signed-out-everywhere"
    assert await value(db, "SELECT array_agg(member_id) FROM session") == [other.id]


@pytest.mark.parametrize("state", ["suspended", "deactivated", "deleted"])
async def test_every_session_of_a_closed_account_ends_and_none_begins(db, state):
    ann, bo = await a_member(db), await a_member(db)
    for member in (ann, ann, bo):
        await sign_in.start_session(db, member.id, "")

    await run(db, "UPDATE member SET state = :state WHERE id = :id", state=state, id=ann.id)

    assert await value(db, "SELECT array_agg(member_id) FROM session") == [bo.id]
    with pytest.raises(NotFound):
        await sign_in.start_session(db, ann.id, "")


async def test_who_signs_in_while_being_suspended_is_left_with_no_session(db):
    for _ in range(5):
        ann = await a_member(db)
        close = run(db, "UPDATE member SET state = 'suspended' WHERE id = :id", id=ann.id)
        await asyncio.gather(*(sign_in.start_session(db, ann.id, "") for _ in range(5)), close, return_exceptions=True)
        assert await value(db, "SELECT count(*) FROM session WHERE member_id = :id", id=ann.id) == 0


async def test_signing_in_ends_the_session_the_browser_had(db, web):
    ann = await sign_in_as(web, db, await a_member(db, address="ann@district.example"))
    link = await sign_in.issue_link(db, "sign-in", "ann@district.example", hours=1)

    await web.post(f"/sign-in/{link}")

    assert ann.session_id not in [each.id for each in await queries.open_sessions(db, ann)]
    assert await value(db, "SELECT count(*) FROM session") == 1


async def test_who_moderates_no_more_has_no_power_left_in_an_old_session(db, web):
    slug = await a_category(db)
    ann = await sign_in_as(web, db, await a_member(db, moderates=[slug]))
    assert (await web.get("/moderation")).status_code == 200

    await run(db, "DELETE FROM category_moderator WHERE member_id = :id", id=ann.id)

    assert (await web.get("/moderation")).status_code == 404


async def test_confirming_keeps_the_session_and_voids_its_old_secret(db, web):
    ann = await sign_in_as(web, db, await a_member(db))
    old = web.cookies["session"]

    tokens = await asyncio.gather(*(sign_in.confirm_session(db, ann) for _ in range(5)))

    worth = []
    for token in (old, *tokens):
        web.cookies = {"session": token}
        worth.append(await who(web))
    assert sorted(worth) == [""] * 5 + [ann.name]
    assert worth[0] == ""
