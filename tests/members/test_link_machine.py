"""Whatever is done in whatever order, a mailed link signs in at most once, whoever else looked at it before."""

from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from forum.identities import addresses
from forum.kit.db import run, value
from forum.kit.errors import NotFound
from forum.kit.tokens import digest
from forum.members import joining, sanctions, sign_in
from forum.members.returning import come_back, deactivate
from forum.members.types import JoinDraft
from tests.factories import a_member, an_admin
from tests.identities.keys import signed_in
from tests.machines import Machine, run_machine

ELSEWHERE = ("confirm/link", "join", "return", "address", "merge")


class Links(Machine):
    """The model: each link's token and address, and whether it still signs in; which addresses are Ada's."""

    def __init__(self, db, web, ada, admin, owned) -> None:
        super().__init__()
        self.db, self.web, self.ada, self.admin, self.owned = db, web, ada, admin, owned
        self.links: list[list] = []
        self.count, self.state = len(owned), "active"

    def chosen(self, n):
        return self.links[n % len(self.links)]

    def sessions(self):
        return self.do(value(self.db, "SELECT count(*) FROM session WHERE member_id = :id", id=self.ada.id))

    @rule(n=st.integers(0, 3), again=st.integers(1, 3))
    def issue(self, n, again):
        """Also again and again: no link voids another."""
        address = self.owned[n % len(self.owned)]
        for _ in range(again):
            token = self.do(sign_in.issue_link(self.db, "sign-in", address, hours=0.25))
            self.links.append([token, address, True])

    @precondition(lambda self: self.links)
    @rule(n=st.integers(0, 19))
    def use(self, n):
        link, before = self.chosen(n), self.sessions()
        is_good = link[2] and self.state == "active"
        self.web.cookies.clear()
        answer = self.do(self.web.post(f"/sign-in/{link[0]}"))
        assert answer.status_code == (303 if is_good else 404)
        assert ("set-cookie" in answer.headers) is is_good
        assert self.sessions() == before + is_good
        link[2] = link[2] and not is_good

    @precondition(lambda self: self.links)
    @rule(n=st.integers(0, 19), method=st.sampled_from(["GET", "HEAD", "OPTIONS", "PUT"]))
    def scan(self, n, method):
        """A scanner of mail opens every link, and follows nothing."""
        link = self.chosen(n)
        answer = self.do(self.web.request(method, f"/sign-in/{link[0]}"))
        if method in ("GET", "HEAD"):
            assert answer.status_code == (200 if link[2] else 404)
        assert "set-cookie" not in answer.headers

    @precondition(lambda self: self.links)
    @rule(n=st.integers(0, 19), where=st.sampled_from(ELSEWHERE))
    def use_for_something_else(self, n, where):
        answer = self.do(self.web.post(f"/{where}/{self.chosen(n)[0]}", data={"name": "Eve"}))
        assert answer.status_code in (403, 404, 422)

    @precondition(lambda self: self.links)
    @rule(n=st.integers(0, 19))
    def join_with_it(self, n):
        for doing in (
            joining.accept_link(self.db, self.chosen(n)[0], JoinDraft("Eve", "")),
            come_back(self.db, self.chosen(n)[0]),
        ):
            assert isinstance(self.do(doing), NotFound)

    @precondition(lambda self: self.links)
    @rule(n=st.integers(0, 19))
    def expire(self, n):
        link = self.chosen(n)
        over = "UPDATE mailed_link SET expires_at = now() - interval '1 second' WHERE token_hash = :hash"
        self.do(run(self.db, over, hash=digest(link[0])))
        link[2] = False

    @rule(n=st.integers(0, 3))
    def change_the_address(self, n):
        """Add one, remove another: links that lie in the old mailbox are worth nothing any more."""
        self.count += 1
        new, old = f"ada{self.count}.{self.ada.id}@district.example", self.owned[n % len(self.owned)]
        here = self.do(signed_in(self.db, self.ada))
        if isinstance(here, NotFound):
            return
        adding = self.do(sign_in.issue_link(self.db, "address", new, member_id=self.ada.id, hours=1))
        assert self.do(addresses.confirm(self.db, here, adding)) is None
        assert self.do(addresses.remove(self.db, here, old)) is None
        self.owned[self.owned.index(old)] = new
        self.forget(lambda address: address == old)

    @rule()
    def suspend(self):
        self.do(sanctions.suspend(self.db, self.admin, self.ada.id, days=1, reason="Spam."))
        self.state = "suspended"
        self.forget(lambda address: True)

    @rule()
    def end_the_suspension(self):
        self.do(sanctions.unsuspend(self.db, self.admin, self.ada.id))
        self.state = "active"

    def forget(self, which):
        for link in self.links:
            link[2] = link[2] and not which(link[1])

    @invariant()
    def nobody_else_was_let_in(self):
        assert self.do(value(self.db, "SELECT count(*) FROM member WHERE name = 'Eve'")) == 0


async def test_a_link_for_signing_in_works_once_whatever_is_done_in_between(db, web):
    async def fresh():
        ada = await a_member(db)
        owned = [await value(db, "SELECT address FROM member_email WHERE member_id = :id", id=ada.id)]
        admin = await an_admin(db)
        return Links(db, web, ada, admin, owned)

    await run_machine(fresh, runs=10, steps=20)


class Returns(Machine):
    """The model: links that open a deactivated account again, and whether each still does."""

    def __init__(self, db, web, ada, address) -> None:
        super().__init__()
        self.db, self.web, self.ada, self.address = db, web, ada, address
        self.links: list[list] = []
        self.is_active = True

    @rule()
    def close(self):
        assert self.do(deactivate(self.db, self.ada)) is None
        if self.is_active:
            self.links = [[token, False] for token, _ in self.links]
        self.is_active = False

    @rule()
    def issue(self):
        token = self.do(sign_in.issue_link(self.db, "return", self.address, hours=0.25))
        self.links.append([token, True])

    @precondition(lambda self: self.links)
    @rule(n=st.integers(0, 9), method=st.sampled_from(["GET", "HEAD"]))
    def scan(self, n, method):
        assert self.do(self.web.request(method, f"/return/{self.links[n % len(self.links)][0]}")).status_code < 500

    @precondition(lambda self: self.links)
    @rule(n=st.integers(0, 9))
    def use(self, n):
        link = self.links[n % len(self.links)]
        came = self.do(come_back(self.db, link[0]))
        assert isinstance(came, str) is (link[1] and not self.is_active), came
        if isinstance(came, str):
            self.is_active, link[1] = True, False

    @invariant()
    def the_account_is_open_or_closed_as_the_links_made_it(self):
        state = self.do(value(self.db, "SELECT state FROM member WHERE id = :id", id=self.ada.id))
        assert state == ("active" if self.is_active else "deactivated")


async def test_a_link_to_come_back_opens_an_account_once_whatever_is_done_in_between(db, web):
    await an_admin(db)

    async def fresh():
        ada = await a_member(db)
        return Returns(db, web, ada, f"person{ada.handle[6:]}@district.example")

    await run_machine(fresh, runs=8, steps=15)
