"""Codes of an app and recovery codes: each once, few tries, shown once, never locked by strangers."""

import asyncio
import time
from dataclasses import replace

import pyotp
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from forum.identities import codes, key_queries, passkeys
from forum.kit.db import run, value
from forum.kit.errors import Forbidden, Invalid, TooMany, Unconfirmed
from forum.members.types import GUEST
from tests.factories import a_member
from tests.identities.keys import a_passkey, an_app, as_of, attempt, code_at, signed_in


async def test_an_app_that_shows_the_right_code_is_believed_and_ten_recovery_codes_are_shown(db):
    app, recovery, ann = await an_app(db, await signed_in(db))

    keys = await key_queries.keys(db, ann)

    assert (keys.has_codes, keys.recovery_left, len(set(recovery))) == (True, 10, 10)
    assert ann.has_second_factor
    assert len(app.secret) == 32  # 160 bits
    assert {len(code) for code in recovery} == {16}  # 80 bits


async def test_a_code_confirms_and_rotates_the_session(db):
    app, _, ann = await an_app(db, await signed_in(db))
    before = await value(db, "SELECT token_hash FROM session WHERE id = :id", id=ann.session_id)
    await run(db, "UPDATE session SET confirmed_at = now() - interval '1 hour', second_factor_at = NULL")

    token = await codes.confirm_with(db, ann, f" {app.now()[:3]} {app.now()[3:]} ")

    again = await as_of(db, ann, token)
    assert (again.session_id, again.is_confirmed, again.has_second_factor) == (ann.session_id, True, True)
    assert await value(db, "SELECT token_hash FROM session WHERE id = :id", id=ann.session_id) != before


async def test_a_code_works_once(db):
    app, _, ann = await an_app(db, await signed_in(db))
    code = app.now()
    await codes.confirm_with(db, ann, code)

    with pytest.raises(Invalid):
        await codes.confirm_with(db, ann, code)


async def test_an_older_code_is_not_taken_after_a_newer_one(db):
    app, _, ann = await an_app(db, await signed_in(db))
    await codes.confirm_with(db, ann, code_at(app, 1))

    with pytest.raises(Invalid):
        await codes.confirm_with(db, ann, code_at(app))


@pytest.mark.parametrize(("step", "is_good"), [(-3, False), (-2, False), (0, True), (1, True), (3, False)])
async def test_codes_are_good_for_their_half_minute_and_its_neighbours(db, step, is_good):
    app, _, ann = await an_app(db, await signed_in(db))
    await run(db, "UPDATE code_secret SET last_step = 0")
    if time.time() % 30 > 25:  # so that the step is the same when the code arrives
        await asyncio.sleep(30 - time.time() % 30)

    came = await attempt(codes.confirm_with(db, ann, code_at(app, step)))

    assert isinstance(came, str) is is_good


async def test_a_code_used_by_fifty_at_the_same_moment_works_for_one(db, monkeypatch):
    monkeypatch.setattr(codes, "TRIES", 100)
    monkeypatch.setattr(codes, "TRIES_A_DAY", 100)
    app, recovery, ann = await an_app(db, await signed_in(db))

    for code in (app.now(), recovery[0]):
        came = await asyncio.gather(*(attempt(codes.confirm_with(db, ann, code)) for _ in range(50)))
        assert sorted(type(each).__name__ for each in came) == ["Invalid"] * 49 + ["str"]

    assert (await key_queries.keys(db, ann)).recovery_left == 9


async def test_tries_end_after_five_also_at_the_same_moment_and_only_for_that_account(db):
    app, recovery, ann = await an_app(db, await signed_in(db))
    bos, _, bo = await an_app(db, await signed_in(db))

    came = await asyncio.gather(*(attempt(codes.confirm_with(db, ann, "000000")) for _ in range(40)))

    assert [type(each) for each in came].count(TooMany) >= 30  # five in each window, should one end just now
    assert isinstance(await attempt(codes.confirm_with(db, ann, app.now())), TooMany)
    assert isinstance(await attempt(codes.confirm_with(db, ann, recovery[0])), TooMany)
    assert isinstance(await codes.confirm_with(db, bo, bos.now()), str)


async def test_a_failed_try_counts_though_nothing_else_of_it_stays(db):
    _, _, ann = await an_app(db, await signed_in(db))

    await attempt(codes.confirm_with(db, ann, "000000"))

    assert await value(db, "SELECT sum(hits) FROM limit_count WHERE key = :key", key=f"code {ann.id}") == 1


ODD = ["", "12345", "1234567", "abcdef", "٠٠٠٠٠٠", "12345é", "x" * 10_000, "-1", "1e5", "AAAA-AAAA-AAAA-AAA1", "' OR 1"]


@pytest.mark.parametrize("code", ODD, ids=lambda code: code[:8])
async def test_what_is_no_code_is_refused_with_a_sentence_and_is_no_try(db, code):
    _, _, ann = await an_app(db, await signed_in(db))

    with pytest.raises(Invalid):
        await codes.confirm_with(db, ann, code)

    assert await value(db, "SELECT count(*) FROM limit_count") == 0


async def test_codes_of_somebody_else_and_of_nobody_are_worth_nothing(db):
    app, recovery, _ = await an_app(db, await signed_in(db))
    bo = await signed_in(db)

    for code in (app.now(), recovery[0]):
        with pytest.raises(Invalid):
            await codes.confirm_with(db, bo, code)


async def test_setting_up_is_over_when_the_app_took_too_long_or_the_code_is_wrong(db):
    ann = await signed_in(db)
    await codes.begin(db, ann)
    app = pyotp.TOTP((await key_queries.secret_being_set_up(db, ann)).secret)
    with pytest.raises(Invalid):
        await codes.turn_on(db, ann, "000000" if app.now() != "000000" else "111111")
    await run(db, "UPDATE code_secret SET created_at = now() - interval '16 minutes'")

    with pytest.raises(Invalid):
        await codes.turn_on(db, ann, app.now())

    assert await key_queries.secret_being_set_up(db, ann) is None
    assert not (await key_queries.keys(db, ann)).any
    with pytest.raises(Invalid):
        await codes.confirm_with(db, ann, app.now())  # not believed before it is on


async def test_beginning_again_makes_another_secret_but_never_over_one_that_is_on(db):
    ann = await signed_in(db)
    secrets = []
    for _ in range(2):
        await codes.begin(db, ann)
        secrets.append((await key_queries.secret_being_set_up(db, ann)).secret)
    assert secrets[0] != secrets[1]
    _, _, ann = await an_app(db, ann)

    with pytest.raises(Forbidden):
        await codes.begin(db, ann)

    assert await key_queries.secret_being_set_up(db, ann) is None  # and it is not shown again


async def test_who_may_not_change_codes(db):
    _, _, ann = await an_app(db, await signed_in(db))
    refusals = {
        "a guest": (GUEST, Forbidden),
        "a session of long ago": (replace(ann, is_confirmed=False), Unconfirmed),
        "without the second factor there is": (replace(ann, has_second_factor=False), Unconfirmed),
    }
    for who, (actor, refusal) in refusals.items():
        for doing in (
            codes.begin(db, actor),
            codes.turn_on(db, actor, "000000"),
            codes.turn_off(db, actor),
            codes.renew_recovery_codes(db, actor),
        ):
            assert type(await attempt(doing)) is refusal, who
    with pytest.raises(Forbidden):
        await codes.renew_recovery_codes(db, await signed_in(db))  # there is nothing they could stand in for


async def test_turning_codes_off_takes_recovery_codes_along_unless_a_passkey_is_left(db):
    _, _, ann = await an_app(db, await signed_in(db))
    _, ann = await a_passkey(db, ann)
    await codes.turn_off(db, ann)
    assert (await key_queries.keys(db, ann)).recovery_left == 10
    bo = (await an_app(db, await signed_in(db)))[2]

    await codes.turn_off(db, bo)
    await codes.turn_off(db, replace(bo, has_second_factor=False))  # twice is once

    assert (await key_queries.keys(db, bo)).recovery_left == 0
    assert not await value(db, "SELECT second_factor_at IS NOT NULL FROM session WHERE id = :id", id=bo.session_id)


async def test_the_last_two_keys_removed_at_the_same_moment_leave_no_second_factor(db):
    _, ann = await a_passkey(db, await signed_in(db))
    ann = (await an_app(db, ann))[2]
    passkey_id = await value(db, "SELECT id FROM passkey")

    await asyncio.gather(codes.turn_off(db, ann), passkeys.remove(db, ann, passkey_id))

    assert await value(db, "SELECT count(*) FROM recovery_code") == 0
    assert await value(db, "SELECT count(*) FROM session WHERE second_factor_at IS NOT NULL") == 0


async def test_new_recovery_codes_void_the_old_ones(db):
    _, old, ann = await an_app(db, await signed_in(db))

    new = await codes.renew_recovery_codes(db, ann)

    with pytest.raises(Invalid):
        await codes.confirm_with(db, ann, old[0])
    assert await codes.confirm_with(db, ann, "-".join([new[0][:8], new[0][8:]]).lower())


async def test_only_hashes_of_recovery_codes_are_stored_and_a_used_one_is_told_by_mail(db, drain, tools):
    _, recovery, ann = await an_app(db, await signed_in(db))
    await codes.confirm_with(db, ann, recovery[3])
    await drain()

    stored = await value(db, "SELECT string_agg(CAST(c AS text), '') FROM recovery_code c")

    assert not [code for code in recovery if code in stored]
    assert sorted(mail.text.partition("\n")[0] for mail in tools.mailer.sent) == [
        "Codes of an authenticator app were turned on for your account.",
        "One of your recovery codes was used.",
    ]


async def test_turning_on_that_rolled_back_leaves_nothing(db):
    ann = await signed_in(db)

    async def turn_on_and_fail():
        async with db.transaction():
            await an_app(db, ann)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await turn_on_and_fail()

    assert not (await key_queries.keys(db, ann)).any


# Whatever is done in whatever order, each code works once


class Codes(RuleBasedStateMachine):
    """The model: which recovery codes were made last, which of them are used; the newest step of the app."""

    def __init__(self, loop, db, ann, app, recovery) -> None:
        super().__init__()
        self.loop, self.db, self.ann, self.app = loop, db, ann, app
        self.fresh, self.used, self.void = list(recovery), [], []
        self.step = 0

    def do(self, doing):
        return asyncio.run_coroutine_threadsafe(attempt(doing), self.loop).result()

    def confirm(self, code) -> bool:
        self.do(run(self.db, "DELETE FROM limit_count"))
        return isinstance(self.do(codes.confirm_with(self.db, self.ann, code)), str)

    @precondition(lambda self: self.fresh)
    @rule(n=st.integers(0, 9))
    def use_a_recovery_code(self, n):
        code = self.fresh.pop(n % len(self.fresh))
        self.used.append(code)
        assert self.confirm(code)

    @precondition(lambda self: self.used or self.void)
    @rule(n=st.integers(0, 30))
    def use_one_that_is_over(self, n):
        assert not self.confirm((self.used + self.void)[n % len(self.used + self.void)])

    @rule()
    def make_new_ones(self):
        self.void += self.fresh + self.used
        self.fresh, self.used = self.do(codes.renew_recovery_codes(self.db, self.ann)), []

    @rule(step=st.sampled_from([-4, -1, 0, 1, 4]))
    def use_the_app(self, step):
        now = int(time.time()) // 30
        came = self.confirm(self.app.generate_otp(now + step))
        if int(time.time()) // 30 == now:
            assert came is (abs(step) <= 1 and now + step > self.step)
        self.step = max(self.step, now + step) if came else self.step

    @invariant()
    def the_page_says_how_many_are_left(self):
        assert self.do(key_queries.keys(self.db, self.ann)).recovery_left == len(self.fresh)


async def test_each_code_works_once_whatever_is_done_in_between(db):
    loop = asyncio.get_running_loop()

    async def fresh_machine():
        app, recovery, ann = await an_app(db, await signed_in(db, await a_member(db)))
        await run(db, "UPDATE code_secret SET last_step = 0")
        return Codes(loop, db, ann, app, recovery)

    def machine():
        return asyncio.run_coroutine_threadsafe(fresh_machine(), loop).result()

    few = settings(
        max_examples=10, stateful_step_count=12, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    await asyncio.to_thread(run_state_machine_as_test, machine, settings=few)
