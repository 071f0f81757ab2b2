"""Showing again that it is you: what asks for it, what does it, and what a session is worth before and after."""

import asyncio
import re

import pyotp
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from forum.identities import codes, confirm, key_queries, passkeys
from forum.kit.db import run, value
from forum.kit.errors import Forbidden, NotFound, TooMany
from forum.members import sign_in
from forum.members.types import GUEST
from tests.factories import a_category, a_member, an_admin, sign_in_as
from tests.identities.keys import PARTY, a_passkey, an_app, as_of, attempt, code_at, signed_in
from tests.members.links import link_in

LONG_AGO = "UPDATE session SET confirmed_at = now() - interval '11 minutes'"


def adopted(web, answer) -> str:
    """The session's new secret in an answer, which the browser goes on with."""
    token = re.search(r"session=([\w-]{22});", answer.headers["set-cookie"])[1]
    web.cookies = {"session": token}
    return token


async def a_link(db, actor, address="ann@district.example") -> str:
    return await sign_in.issue_link(db, "confirm", address, session_id=actor.session_id, hours=0.25)


# The mailed link


async def test_a_link_is_mailed_that_confirms_this_session_and_changes_its_secret(db, web, drain, tools):
    ann = await sign_in_as(web, db, await a_member(db, address="ann@district.example"))
    await run(db, LONG_AGO)
    before = web.cookies["session"]
    page = await web.get("/confirm?next=/settings/security")
    assert "Email me a link" in page.text
    asked = await web.post("/confirm/link", data={"next": "/settings/security"})
    assert asked.headers["location"] == "/confirm?next=%2Fsettings%2Fsecurity&notice=confirm-sent"
    await drain()
    link = link_in(tools.mailer.sent[0])
    assert tools.mailer.sent[0].to == "ann@district.example"

    for look in (web.get, web.head, web.get):  # as scanners of mail do
        assert (await look(link)).status_code == 200
    used = await web.post(link)

    assert used.headers["location"] == "/settings/security"
    assert adopted(web, used) != before
    assert (await as_of(db, ann, web.cookies["session"])).is_confirmed
    assert (await web.post(link)).status_code == 404
    web.cookies = {"session": before}
    assert (await web.get("/settings/security")).status_code == 403


async def test_a_link_is_worth_nothing_in_any_other_browser(db, web):
    ann = await signed_in(db, address="ann@district.example")
    link = await a_link(db, ann)
    stranger, hers_elsewhere = await signed_in(db), await signed_in(db, ann)

    for actor in (stranger, hers_elsewhere, GUEST):
        with pytest.raises(NotFound):
            await sign_in.confirm_by_link(db, actor, link)
    for way in (web.get, web.post):
        assert (await way(f"/confirm/link/{link}")).status_code == 404
        assert (await way(f"/sign-in/{link}")).status_code == 404  # and signs nobody in
    assert (await web.post(f"/join/{link}", data={"name": "Eve"})).status_code == 404

    assert await sign_in.confirm_by_link(db, ann, link)


async def test_a_link_for_signing_in_confirms_nothing(db):
    ann = await signed_in(db, address="ann@district.example")
    link = await sign_in.issue_link(db, "sign-in", "ann@district.example", hours=1)

    with pytest.raises(NotFound):
        await sign_in.confirm_by_link(db, ann, link)


async def test_a_link_used_by_fifty_at_the_same_moment_confirms_once(db):
    ann = await signed_in(db)
    link = await a_link(db, ann)

    came = await asyncio.gather(*(attempt(sign_in.confirm_by_link(db, ann, link)) for _ in range(50)))

    assert sorted(type(each).__name__ for each in came) == ["NotFound"] * 49 + ["SignedIn"]


async def test_links_end_with_their_session(db):
    ann = await signed_in(db)
    await a_link(db, ann)

    await sign_in.end_session(db, ann, ann.session_id)

    assert await value(db, "SELECT count(*) FROM mailed_link") == 0


async def test_nobody_has_mails_sent_without_end_or_without_a_session(db, drain, tools):
    ann = await signed_in(db)
    for _ in range(2):  # should a window end just now
        came = [await attempt(confirm.request_link(db, ann, "/")) for _ in range(5)]
    assert isinstance(came[-1], TooMany)
    with pytest.raises(Forbidden):
        await confirm.request_link(db, GUEST, "/")
    bo = await signed_in(db)
    await run(db, "DELETE FROM member_email WHERE member_id = :id", id=bo.id)
    with pytest.raises(Forbidden):
        await confirm.request_link(db, bo, "/")


async def test_a_session_that_ended_meanwhile_is_mailed_nothing(db, drain, tools):
    ann = await signed_in(db)
    await confirm.request_link(db, ann, "/")
    await sign_in.end_session(db, ann, ann.session_id)
    await drain()

    assert tools.mailer.sent == []


# The pages


async def test_a_page_for_staff_leads_to_a_second_factor_and_back(db, web):
    ann = await signed_in(db, moderates=[await a_category(db)])
    app, _, _ = await an_app(db, ann)
    await sign_in_as(web, db, ann, has_second_factor=False)
    before = web.cookies["session"]

    refused = await web.get("/moderation")
    assert refused.headers["location"] == "/confirm/second-factor?next=/moderation"
    page = await web.get(refused.headers["location"])
    assert "Email me a link" not in page.text
    wrong = await web.post("/confirm/code", data={"code": "123", "next": "/moderation", "need": "second-factor"})
    assert (wrong.status_code, "Write the 6 digits" in wrong.text, "Email me" in wrong.text) == (422, True, False)
    answer = await web.post("/confirm/code", data={"code": code_at(app), "next": "/moderation"})

    assert (answer.status_code, answer.headers["location"]) == (303, "/moderation")
    assert adopted(web, answer) != before
    assert (await web.get("/moderation")).status_code == 200


async def test_staff_without_a_key_are_asked_to_set_one_up_where_they_are(db, web):
    await sign_in_as(web, db, await an_admin(db), has_second_factor=False)
    page = await web.get("/confirm/second-factor?next=/admin")
    assert "Staff pages need a second key" in page.text

    begun = await web.post("/settings/security/codes", data={"next": "/admin"})
    shown = await web.get(begun.headers["location"])
    secret = re.search(r"<code>([A-Z2-7 ]+)</code>", shown.text)[1].replace(" ", "")
    assert "data:image/svg+xml" in shown.text
    wrong = await web.post("/settings/security/codes/turn-on", data={"code": "x", "next": "/admin"})
    on = await web.post(
        "/settings/security/codes/turn-on", data={"code": code_at(pyotp.TOTP(secret)), "next": "/admin"}
    )

    assert wrong.status_code == 422
    assert secret[:4] in wrong.text  # may be tried again
    assert len(re.findall(r"<code>[A-Z2-7]{4}(?:-[A-Z2-7]{4}){3}</code>", on.text)) == 10
    assert 'href="/admin"' in on.text
    adopted(web, on)
    assert (await web.get("/admin")).status_code == 200
    assert secret[:4] not in (await web.get("/settings/security")).text
    assert (await web.get("/settings/security/codes")).status_code == 303


async def test_who_was_not_confirmed_within_ten_minutes_confirms_first_and_goes_on(db, web):
    await sign_in_as(web, db, await a_member(db), has_second_factor=False)
    await run(db, LONG_AGO)

    page = await web.get("/settings/security")
    for path in ("passkeys", "codes", "codes/turn-on", "codes/turn-off", "recovery-codes", "passkeys/1/remove"):
        answer = await web.post(f"/settings/security/{path}")
        assert answer.headers["location"] == "/confirm?next=%2Fsettings%2Fsecurity", path
    assert (await web.post("/settings/security/passkeys/options")).status_code == 403
    assert 'href="/confirm?next=%2Fsettings%2Fsecurity"' in page.text
    assert "Add a passkey" not in page.text
    assert await value(db, "SELECT count(*) FROM code_secret") == 0


async def test_who_has_shown_it_is_led_on_and_guests_sign_in(db, web):
    for path in ("/confirm", "/confirm/second-factor"):
        assert (await web.get(f"{path}?next=/help")).headers["location"] == "/sign-in?next=%2Fhelp"
    await sign_in_as(web, db, await a_member(db))
    for path in ("/confirm", "/confirm/second-factor"):
        assert (await web.get(f"{path}?next=/help")).headers["location"] == "/help"
        assert (await web.get(f"{path}?next=//evil.example")).headers["location"] == "/"


GUARDED = ["/confirm/passkey/options", "/confirm/passkey", "/confirm/code", "/confirm/link", "/confirm/demo"]


@pytest.mark.parametrize("path", [*GUARDED, "/confirm/link/" + "x" * 22])
async def test_guests_confirm_nothing(web, path):
    assert (await web.post(path)).status_code in (403, 404)


async def test_the_plain_button_is_of_the_demo_alone(db, web):
    ann = await sign_in_as(web, db, await a_member(db), has_second_factor=False)
    await run(db, LONG_AGO)

    assert (await web.post("/confirm/demo", data={"next": "/"})).status_code == 404
    assert "Demo" not in (await web.get("/confirm")).text

    assert not (await as_of(db, ann, web.cookies["session"])).is_confirmed


async def test_no_answer_about_keys_is_kept_anywhere(db, web):
    await sign_in_as(web, db, await a_member(db))

    for path in ("/settings/security", "/confirm/second-factor?next=/", "/settings/security/codes"):
        assert (await web.get(path)).headers["cache-control"] == "private, no-store"


# Lost keys


async def test_an_administrator_resets_the_keys_of_somebody_who_lost_them(db, drain, tools):
    admin = await an_admin(db)
    _, ann = await a_passkey(db, await signed_in(db, address="ann@district.example"))
    await an_app(db, ann)
    _, bo = await a_passkey(db, await signed_in(db))

    await confirm.reset_second_factors(db, admin, ann.id)
    await confirm.reset_second_factors(db, admin, ann.id)  # twice does no harm
    await drain()

    keys = await key_queries.keys(db, ann)
    assert (keys.any, keys.recovery_left) == (False, 0)
    assert await value(db, "SELECT count(*) FROM session WHERE member_id = :id", id=ann.id) == 0
    assert (await key_queries.keys(db, bo)).any
    entries = await value(db, "SELECT array_agg(act || ' ' || actor_id || ' ' || subject_id) FROM audit_entry")
    assert entries == [f"keys.reset {admin.id} {ann.id}"] * 2
    told = [mail.to for mail in tools.mailer.sent if "An administrator has removed your passkeys" in mail.text]
    assert told == ["ann@district.example"] * 2


async def test_who_may_not_reset_keys(db):
    admin, ann = await an_admin(db), await a_member(db, moderates=[await a_category(db)])
    refusals = {
        "a moderator": (ann, admin.id, Forbidden),
        "a guest": (GUEST, ann.id, Forbidden),
        "of oneself": (admin, admin.id, Forbidden),
        "of nobody": (admin, 4_000_000_000, NotFound),
    }
    for what, (actor, member_id, refusal) in refusals.items():
        assert type(await attempt(confirm.reset_second_factors(db, actor, member_id))) is refusal, what


async def test_nobody_is_shut_out_by_a_reset(db):
    _, ann = await a_passkey(db, await signed_in(db))
    await run(db, "DELETE FROM member_email WHERE member_id = :id", id=ann.id)

    with pytest.raises(Forbidden):
        await confirm.reset_second_factors(db, None, ann.id)

    assert (await key_queries.keys(db, ann)).any


async def test_a_reset_that_rolled_back_leaves_all_as_it_was(db):
    _, ann = await a_passkey(db, await signed_in(db))

    async def reset_and_fail():
        async with db.transaction():
            await confirm.reset_second_factors(db, None, ann.id)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await reset_and_fail()

    assert (await key_queries.keys(db, ann)).any
    assert await value(db, "SELECT count(*) FROM session") == 1


# Whatever happens in whatever order, a mailed link is used at most once, by whom it is for


class Links(RuleBasedStateMachine):
    """The model: which links were issued for which of two browsers, and whether they may still be used."""

    def __init__(self, loop, db, web, browsers) -> None:
        super().__init__()
        self.loop, self.db, self.web, self.browsers = loop, db, web, browsers
        self.links: list[list] = []  # token, browser, is_good

    def do(self, doing):
        return asyncio.run_coroutine_threadsafe(attempt(doing), self.loop).result()

    def chosen(self, n):
        return self.links[n % len(self.links)]

    @rule(n=st.integers(0, 1))
    def issue(self, n):
        self.links.append([self.do(a_link(self.db, self.browsers[n])), n, True])

    @precondition(lambda self: self.links)
    @rule(n=st.integers(0, 9), browser=st.integers(0, 1))
    def use(self, n, browser):
        link = self.chosen(n)
        came = self.do(sign_in.confirm_by_link(self.db, self.browsers[browser], link[0]))
        assert isinstance(came, sign_in.SignedIn) is (link[2] and link[1] == browser)
        link[2] = link[2] and link[1] != browser

    @precondition(lambda self: self.links)
    @rule(n=st.integers(0, 9), method=st.sampled_from(["GET", "HEAD", "OPTIONS"]))
    def scan(self, n, method):
        self.do(self.web.request(method, f"/confirm/link/{self.chosen(n)[0]}"))

    @precondition(lambda self: self.links)
    @rule(n=st.integers(0, 9))
    def use_for_something_else(self, n):
        assert isinstance(self.do(sign_in.use_link(self.db, self.chosen(n)[0], "")), NotFound)

    @rule()
    def expire(self):
        self.do(run(self.db, "UPDATE mailed_link SET expires_at = now()"))
        self.links = [[token, browser, False] for token, browser, _ in self.links]

    @rule(n=st.integers(0, 1))
    def sign_out_and_in(self, n):
        self.do(sign_in.end_session(self.db, self.browsers[n], self.browsers[n].session_id))
        self.browsers[n] = self.do(signed_in(self.db, self.browsers[n]))
        self.links = [[token, browser, good and browser != n] for token, browser, good in self.links]

    @rule()
    def change_the_address(self):
        """A link stays the session's: whoever holds the mailbox of old cannot use it without the session."""
        self.do(run(self.db, "UPDATE member_email SET address = 'x' || address WHERE length(address) < 200"))


async def test_a_mailed_link_works_once_whatever_is_done_in_between(db, web):
    loop = asyncio.get_running_loop()

    async def fresh_machine():
        ann = await a_member(db)
        return Links(loop, db, web, [await signed_in(db, ann), await signed_in(db, ann)])

    def machine():
        return asyncio.run_coroutine_threadsafe(fresh_machine(), loop).result()

    few = settings(
        max_examples=10, stateful_step_count=15, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    await asyncio.to_thread(run_state_machine_as_test, machine, settings=few)


async def test_a_stolen_session_and_a_mailbox_do_not_make_a_second_factor(db):
    """Whoever read a mail may confirm, but adds no key to an account that has one."""
    _, ann = await a_passkey(db, await signed_in(db))
    thief = await signed_in(db, ann)
    link = await a_link(db, thief)
    thief = await as_of(db, thief, (await sign_in.confirm_by_link(db, thief, link)).token)

    assert (thief.is_confirmed, thief.has_second_factor) == (True, False)
    for doing in (passkeys.ask_to_register(db, thief, PARTY), codes.begin(db, thief)):
        assert type(await attempt(doing)).__name__ == "Unconfirmed"
