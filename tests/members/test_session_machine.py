"""Whatever is done in whatever order, each secret a browser ever had is worth just what it should be."""

from dataclasses import dataclass, replace

import pyotp
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from forum.identities import addresses, codes, confirm, key_queries
from forum.kit.db import run, value
from forum.members import queries, roles, sanctions, sign_in
from forum.members.returning import deactivate
from forum.reader import reader
from tests.factories import a_member, an_admin
from tests.identities.keys import as_of, code_at
from tests.machines import Machine, run_machine


@dataclass
class Held:
    """What a secret is worth: nothing any more, or a session that has shown what."""

    secret: str
    is_alive: bool = True
    is_confirmed: bool = True
    has_factor: bool = False


class Sessions(Machine):
    """The model: every secret any browser of Ann's ever had."""

    def __init__(self, db, web, settings, ann, admin) -> None:
        super().__init__()
        self.db, self.web, self.settings, self.ann, self.admin = db, web, settings, ann, admin
        self.held: list[Held] = []
        self.role, self.is_open, self.count = "member", True, 0

    @property
    def alive(self):
        return [each for each in self.held if each.is_alive]

    def one(self, n):
        return self.alive[n % len(self.alive)]

    def actor(self, held):
        return self.do(as_of(self.db, replace(self.ann, role=self.role), held.secret))

    def post(self, path, held):
        self.web.cookies = {"session": held.secret}
        return self.do(self.web.post(path))

    def end(self, *, but=None):
        for each in self.held:
            each.is_alive = each is but

    @rule()
    def sign_in(self):
        address = self.do(queries.mail_address(self.db, self.ann.id))
        link = self.do(sign_in.issue_link(self.db, "sign-in", address, hours=1))
        came = self.do(sign_in.use_link(self.db, link, "Test"))
        assert isinstance(came, sign_in.SignedIn) is self.is_open
        if self.is_open:
            self.held.append(Held(came.token))

    @precondition(lambda self: self.alive)
    @rule(n=st.integers(0, 9))
    def sign_out(self, n):
        held = self.one(n)
        assert self.post("/sign-out", held).status_code == 303
        held.is_alive = False

    @precondition(lambda self: self.alive)
    @rule(n=st.integers(0, 9))
    def sign_out_everywhere(self, n):
        assert self.post("/settings/sessions/end-all", self.one(n)).status_code == 303
        self.end()

    @precondition(lambda self: self.alive)
    @rule(n=st.integers(0, 9))
    def sign_out_everywhere_else(self, n):
        held = self.one(n)
        assert self.post("/settings/sessions/end-others", held).status_code == 303
        self.end(but=held)

    @precondition(lambda self: [each for each in self.held if not each.is_alive])
    @rule(n=st.integers(0, 9))
    def try_an_old_secret(self, n):
        dead = [each for each in self.held if not each.is_alive]
        assert self.post("/settings/sessions/end-all", dead[n % len(dead)]).status_code == 403

    @rule()
    def suspend_and_let_back_in(self):
        self.do(sanctions.suspend(self.db, self.admin, self.ann.id, days=1, reason="Spam."))
        self.end()
        self.everything_is_worth_what_it_should_be()
        self.do(sanctions.unsuspend(self.db, self.admin, self.ann.id))

    @precondition(lambda self: self.is_open)
    @rule()
    def close(self):
        assert self.do(deactivate(self.db, self.ann)) is None
        self.is_open = False
        self.end()

    @precondition(lambda self: not self.is_open)
    @rule()
    def open_again(self):
        self.do(run(self.db, "UPDATE member SET state = 'active' WHERE id = :id", id=self.ann.id))
        self.is_open = True

    @rule(role=st.sampled_from(["member", "vendor", "admin"]))
    def change_the_role(self, role):
        """Sessions go on, and know the role of now."""
        assert self.do(roles.change_role(self.db, self.admin, self.ann.id, role)) is None
        self.role = role

    @precondition(lambda self: self.alive)
    @rule(n=st.integers(0, 9))
    def confirm(self, n):
        self.renewed(self.one(n), lambda actor: sign_in.confirm_session(self.db, actor))

    @precondition(lambda self: self.alive)
    @rule(n=st.integers(0, 9))
    def show_a_second_factor(self, n):
        """The app is set up in a session that has just been confirmed; then its code rotates the secret."""
        held = self.one(n)
        self.do(run(self.db, "DELETE FROM code_secret WHERE member_id = :id", id=self.ann.id))
        if not held.is_confirmed:
            self.renewed(held, lambda actor: sign_in.confirm_session(self.db, actor))
            held = self.held[-1]
        actor = self.actor(held)
        assert self.do(codes.begin(self.db, actor)) is None
        app = pyotp.TOTP(self.do(key_queries.secret_being_set_up(self.db, actor)).secret)
        on = self.do(codes.turn_on(self.db, actor, code_at(app)))
        self.do(run(self.db, "DELETE FROM limit_count"))
        self.replaced(held, on.token, has_factor=True)

    def renewed(self, held, doing):
        self.replaced(held, self.do(doing(self.actor(held))), has_factor=held.has_factor)

    def replaced(self, held, secret, *, has_factor):
        assert isinstance(secret, str), secret
        held.is_alive = False
        self.held.append(Held(secret, has_factor=has_factor))

    @rule()
    def ten_minutes_pass(self):
        self.do(run(self.db, "UPDATE session SET confirmed_at = now() - interval '11 minutes'"))
        for each in self.held:
            each.is_confirmed = False

    @precondition(lambda self: self.alive)
    @rule(n=st.integers(0, 9))
    def expire(self, n):
        held = self.one(n)
        over = "UPDATE session SET expires_at = now() WHERE id = :id"
        self.do(run(self.db, over, id=self.actor(held).session_id))
        held.is_alive = False

    @precondition(lambda self: self.alive)
    @rule(n=st.integers(0, 9))
    def change_the_address(self, n):
        """Every other session ends: it may be the one that somebody who reads the old mailbox began."""
        held = self.one(n)
        actor = replace(self.actor(held), is_confirmed=True, has_second_factor=True)
        self.count += 1
        old, new = self.do(queries.mail_address(self.db, actor.id)), f"ann{self.count}.{actor.id}@district.example"
        link = self.do(sign_in.issue_link(self.db, "address", new, member_id=actor.id, hours=1))
        assert self.do(addresses.confirm(self.db, actor, link)) is None
        assert self.do(addresses.remove(self.db, actor, old)) is None
        self.end(but=held)

    @rule()
    def lose_all_keys(self):
        assert self.do(confirm.reset_second_factors(self.db, self.admin, self.ann.id)) is None
        self.end()

    @invariant()
    def everything_is_worth_what_it_should_be(self):
        for each in self.held:
            found = self.do(reader(self.db, self.settings, each.secret)).actor
            assert (found.id == self.ann.id) is each.is_alive
            if each.is_alive:
                worth = (found.role, found.is_confirmed, found.has_second_factor)
                assert worth == (self.role, each.is_confirmed, each.has_factor)

    @invariant()
    def there_is_no_other_session(self):
        count = "SELECT count(*) FROM session WHERE member_id = :id AND expires_at > now()"
        assert self.do(value(self.db, count, id=self.ann.id)) == len(self.alive)


async def test_a_secret_is_worth_what_it_should_be_whatever_is_done_in_between(db, web, settings):
    async def fresh():
        return Sessions(db, web, settings, await a_member(db), await an_admin(db))

    await run_machine(fresh, runs=10, steps=20)
