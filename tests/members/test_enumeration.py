"""Nobody learns whether an address is known: status, headers, body, mails to who asks, and time are the same."""

import random

import pytest

from forum.accounts import commands as accounts
from forum.identities import addresses
from forum.kit.db import run
from forum.members import joining, sign_in
from tests.factories import a_category, a_member, a_thread, an_admin, sign_in_as
from tests.masking import untokened
from tests.timing import Times, assert_take_the_same_time, p_of

EACH = 200  # addresses of each kind: a question is asked only once about each
KNOWN, UNKNOWN = "known{}@district.example", "nobody{}@district.example"
INVITED, SHUT_OUT = "invited{}@district.example", "closed{}@district.example"


@pytest.fixture
async def people(db):
    """Members, invited people, and accounts that are closed, two hundred of each."""
    admin = await an_admin(db)
    for kind, state in (("known", "active"), ("closed", "deactivated")):
        await run(
            db,
            f"""
            WITH made AS (
                INSERT INTO member (handle, name, state)
                SELECT '{kind}' || n, 'Person ' || n, '{state}' FROM generate_series(0, {EACH - 1}) n
                RETURNING id, handle
            )
            INSERT INTO member_email (address, member_id, verified_at)
            SELECT handle || '@district.example', id, now() FROM made
            """,
        )
    await run(
        db,
        f"""
        INSERT INTO invitation (address, invited_by)
        SELECT 'invited' || n || '@district.example', :admin FROM generate_series(0, {EACH - 1}) n
        """,
        admin=admin.id,
    )


def told(answer) -> str:
    """All that an outsider can learn from an answer, without what is random in each."""
    random_ones = ("x-request-id", "content-length")  # the length of a packed page depends on its random token
    heads = sorted((name, text) for name, text in answer.headers.multi_items() if name not in random_ones)
    return untokened(f"{answer.status_code} {heads} {answer.text}").replace(answer.headers["x-request-id"], "ID")


def sign_in_form(address):
    return "/sign-in", {"address": address, "next": "/"}


def join_form(address):
    return "/join", {"name": "Somebody", "title": "", "address": address, "note": ""}


def address_form(address):
    return "/settings/sign-in/addresses", {"address": address}


def merge_form(address):
    return "/settings/account/merge", {"address": address}


ASKED = {
    "signing in": (sign_in_form, KNOWN, False),
    "signing in with an invitation": (sign_in_form, INVITED, False),
    "signing in to a closed account": (sign_in_form, SHUT_OUT, False),
    "asking to join": (join_form, KNOWN, False),
    "asking to join when invited": (join_form, INVITED, False),
    "adding an address": (address_form, KNOWN, True),
    "making two accounts one": (merge_form, KNOWN, True),
}


@pytest.fixture
def unlimited(monkeypatch):
    """How often one may ask is tested elsewhere."""
    for room, limit in (
        (sign_in, "MAILS_AN_HOUR"),
        (joining, "REQUESTS_AN_HOUR"),
        (addresses, "ASKED_AN_HOUR"),
        (accounts, "MERGES_A_DAY"),
    ):
        monkeypatch.setattr(room, limit, 10**6)


@pytest.mark.parametrize(("form", "known", "is_member"), ASKED.values(), ids=list(ASKED))
@pytest.mark.usefixtures("people", "unlimited")
async def test_known_and_unknown_addresses_are_answered_alike_and_as_fast(db, web, form, known, is_member):
    if is_member:
        await sign_in_as(web, db, await a_member(db))
    said = set()

    def asking(pattern):
        async def ask(n):
            path, sent = form(pattern.format(n))
            answer = await web.post(path, data=sent)
            said.add(told(answer))

        return ask

    await assert_take_the_same_time(db, asking(known), asking(UNKNOWN))

    assert len(said) == 1
    assert said.pop()[:3] in ("200", "303")


@pytest.mark.parametrize(("form", "known", "is_member"), ASKED.values(), ids=list(ASKED))
@pytest.mark.usefixtures("people")
async def test_who_asks_is_mailed_as_often_for_known_as_for_unknown(db, web, drain, tools, form, known, is_member):
    asker = await a_member(db, address="ann@district.example")
    if is_member:
        await sign_in_as(web, db, asker)
    counts = []
    for address in (known.format(0), UNKNOWN.format(0)):
        path, sent = form(address)
        await web.post(path, data=sent)
        await drain()
        counts.append(sum(mail.to == ("ann@district.example" if is_member else address) for mail in tools.mailer.sent))

    assert counts == ([0, 0] if is_member else [1, 1])


@pytest.mark.usefixtures("people")
async def test_a_hidden_thread_is_denied_as_fast_as_one_that_is_not_there(db, web):
    await sign_in_as(web, db, await a_member(db))
    hidden = await a_thread(db, category=await a_category(db, read_by="staff"), author=await an_admin(db))
    said = set()

    def asking(thread_id):
        async def ask(n):
            said.add(told(await web.get(f"/t/{thread_id}")).replace(f"/t/{thread_id}", "/t/ID"))

        return ask

    await assert_take_the_same_time(db, asking(hidden), asking(hidden + 1_000_000))

    assert len(said) == 1


QUICK = [0.0003] * 100


def test_what_is_told_apart_by_time():
    dice = random.Random(1)
    same = [[dice.gauss(0.010, 0.002) for _ in range(100)] for _ in range(2)]
    slow = [each + 0.008 for each in same[1]]
    slower = [each + 0.003 for each in same[1]]

    assert p_of(*same) > 0.01
    assert p_of(same[0], same[0]) == pytest.approx(1)
    assert not Times(*same, QUICK).are_told_apart
    assert p_of(same[0], slow) < 1e-6
    assert Times(same[0], slow, QUICK).are_told_apart
    assert not Times(same[0], slower, QUICK).are_told_apart
    assert not Times(same[0], slow, [each * 3 for each in QUICK]).are_told_apart
