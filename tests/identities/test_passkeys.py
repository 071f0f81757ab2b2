"""Passkeys: made, shown, believed only when everything fits, named, removed."""

import asyncio
import json
from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from forum.identities import key_queries, passkeys
from forum.identities.key_types import MOST_PASSKEYS, Party
from forum.kit.db import run, value
from forum.kit.errors import Forbidden, Invalid, NotFound, Unconfirmed
from forum.members.types import GUEST
from tests.factories import a_member
from tests.identities.authenticator import UP, UV, Authenticator
from tests.identities.keys import PARTY, a_passkey, as_of, attempt, signed_in


async def test_a_passkey_signs_in_and_counts_as_a_second_factor(db):
    key, ann = await a_passkey(db, await signed_in(db))

    asked = await passkeys.ask_for_one(db, PARTY)
    token = await passkeys.sign_in_with(db, PARTY, asked.challenge, key.show(asked.options), "Firefox", "network x")

    again = await as_of(db, ann, token)
    assert (again.is_confirmed, again.has_second_factor) == (True, True)
    assert again.session_id != ann.session_id
    assert [each.name for each in (await key_queries.keys(db, ann)).passkeys] == ["Work laptop"]
    assert json.loads(asked.options)["allowCredentials"] == []  # whoever's it is


async def test_a_browser_is_asked_for_a_passkey_that_verifies_its_owner_and_is_found_without_a_name(db):
    ann = await signed_in(db, name="Ann Example")
    key, ann = await a_passkey(db, ann)

    asked = json.loads((await passkeys.ask_to_register(db, ann, PARTY)).options)

    assert asked["rp"] == {"id": "localhost", "name": "Staffroom"}
    wanted = asked["authenticatorSelection"]
    assert (wanted["residentKey"], wanted["userVerification"]) == ("required", "required")
    assert len(asked["excludeCredentials"]) == 1
    assert "@" not in json.dumps(asked["user"])
    assert key.handle == ann.id.to_bytes(8, "big")


def other(**changed):
    """Says what is wrong with an answer: arguments of Authenticator.show or .make."""
    return changed


WRONG = {
    "another site's page": other(origin="http://evil.example"),
    "another port": other(origin="http://localhost:9000"),
    "https is another origin": other(origin="https://localhost:8000"),
    "another challenge": other(challenge="AAAA"),
    "not verified": other(flags=UP),
    "nobody there": other(flags=UV),
    "another kind of answer": other(type="webauthn.payment"),
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
async def test_answers_that_do_not_fit_sign_nobody_in(db, wrong):
    key, _ = await a_passkey(db, await signed_in(db))
    sessions = await value(db, "SELECT count(*) FROM session")
    asked = await passkeys.ask_for_one(db, PARTY)

    with pytest.raises(Invalid):
        await passkeys.sign_in_with(db, PARTY, asked.challenge, key.show(asked.options, **wrong), "")

    assert await value(db, "SELECT count(*) FROM session") == sessions
    assert await value(db, "SELECT count(*) FROM passkey_challenge") == 0  # a try is a try


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
async def test_answers_that_do_not_fit_make_no_passkey(db, wrong):
    ann, key = await signed_in(db), Authenticator()
    asked = await passkeys.ask_to_register(db, ann, PARTY)

    with pytest.raises(Invalid):
        await passkeys.register(db, ann, PARTY, asked.challenge, key.make(asked.options, **wrong), "Laptop")

    assert not (await key_queries.keys(db, ann)).any


ODD = [
    "",
    "{}",
    "[]",
    "null",
    "1",
    '"x"',
    "{" * 9000,
    "x" * 30_000,
    '{"id":[],"rawId":{},"response":1,"type":2}',
    "\ud800",
]


@pytest.mark.parametrize("answer", ODD, ids=lambda answer: repr(answer[:12]))
async def test_odd_answers_are_refused_with_a_sentence(db, answer):
    ann = await signed_in(db)
    asked = await passkeys.ask_for_one(db, PARTY)
    with pytest.raises(Invalid):
        await passkeys.sign_in_with(db, PARTY, asked.challenge, answer, "")
    asked = await passkeys.ask_to_register(db, ann, PARTY)
    with pytest.raises(Invalid):
        await passkeys.register(db, ann, PARTY, asked.challenge, answer, "Laptop")


async def test_a_site_of_another_name_gets_nothing_for_a_passkey_of_this_one(db):
    key, _ = await a_passkey(db, await signed_in(db))
    elsewhere = Party("forum.example", "https://forum.example", "Staffroom")
    asked = await passkeys.ask_for_one(db, elsewhere)

    with pytest.raises(Invalid):
        await passkeys.sign_in_with(
            db, elsewhere, asked.challenge, key.show(asked.options, origin="https://forum.example"), ""
        )


async def test_a_challenge_is_for_one_answer(db):
    key, _ = await a_passkey(db, await signed_in(db))
    asked = await passkeys.ask_for_one(db, PARTY)
    await passkeys.sign_in_with(db, PARTY, asked.challenge, key.show(asked.options), "")

    with pytest.raises(Invalid, match="passkey"):
        await passkeys.sign_in_with(db, PARTY, asked.challenge, key.show(asked.options), "")


async def test_one_answer_sent_by_fifty_at_the_same_moment_signs_in_one(db):
    key, ann = await a_passkey(db, await signed_in(db))
    asked = await passkeys.ask_for_one(db, PARTY)
    answer = key.show(asked.options)

    tries = [passkeys.sign_in_with(db, PARTY, asked.challenge, answer, "") for _ in range(50)]
    came = await asyncio.gather(*(attempt(each) for each in tries))

    assert sorted(type(each).__name__ for each in came) == ["Invalid"] * 49 + ["str"]
    assert await value(db, "SELECT count(*) FROM session WHERE member_id = :id", id=ann.id) == 2


async def test_a_challenge_is_over_after_five_minutes(db):
    key, _ = await a_passkey(db, await signed_in(db))
    asked = await passkeys.ask_for_one(db, PARTY)
    seconds = await value(db, "SELECT CAST(extract(epoch FROM expires_at - now()) AS int) FROM passkey_challenge")
    await run(db, "UPDATE passkey_challenge SET expires_at = now()")

    with pytest.raises(Invalid):
        await passkeys.sign_in_with(db, PARTY, asked.challenge, key.show(asked.options), "")
    await passkeys.forget_old(db)

    assert 290 < seconds <= 300
    assert await value(db, "SELECT count(*) FROM passkey_challenge") == 0


async def test_a_challenge_is_for_the_session_and_the_purpose_it_was_made_for(db):
    key, ann = await a_passkey(db, await signed_in(db))
    elsewhere = await signed_in(db, ann)
    to_confirm, to_sign_in = await passkeys.ask_for_one(db, PARTY, ann), await passkeys.ask_for_one(db, PARTY)

    for actor, asked in [(elsewhere, to_confirm), (ann, to_sign_in)]:
        with pytest.raises(Invalid):
            await passkeys.confirm_with(db, actor, PARTY, asked.challenge, key.show(asked.options))
    with pytest.raises(Invalid):
        await passkeys.sign_in_with(db, PARTY, to_confirm.challenge, key.show(to_confirm.options), "")

    token = await passkeys.confirm_with(db, ann, PARTY, to_confirm.challenge, key.show(to_confirm.options))
    assert (await as_of(db, ann, token)).has_second_factor


async def test_only_hashes_of_challenges_are_stored(db):
    asked = await passkeys.ask_for_one(db, PARTY)

    assert asked.challenge not in await value(db, "SELECT string_agg(CAST(c AS text), '') FROM passkey_challenge c")
    assert len(asked.challenge) == 43  # 256 bits


async def test_a_copied_passkey_is_noticed_by_its_count(db):
    key, _ = await a_passkey(db, await signed_in(db))
    asked = await passkeys.ask_for_one(db, PARTY)
    await passkeys.sign_in_with(db, PARTY, asked.challenge, key.show(asked.options), "")
    key.count -= 1  # the copy was not used since
    asked = await passkeys.ask_for_one(db, PARTY)

    with pytest.raises(Invalid):
        await passkeys.sign_in_with(db, PARTY, asked.challenge, key.show(asked.options), "")


async def test_passkeys_that_do_not_count_work_every_time(db):
    key, _ = await a_passkey(db, await signed_in(db), counts=False)

    for _ in range(3):
        asked = await passkeys.ask_for_one(db, PARTY)
        assert await passkeys.sign_in_with(db, PARTY, asked.challenge, key.show(asked.options), "")


async def test_the_passkey_of_one_account_says_nothing_for_another(db):
    anns, ann = await a_passkey(db, await signed_in(db))
    bos, bo = await a_passkey(db, await signed_in(db))
    asked = await passkeys.ask_for_one(db, PARTY, bo)
    with pytest.raises(Invalid):
        await passkeys.confirm_with(db, bo, PARTY, asked.challenge, anns.show(asked.options))
    asked = await passkeys.ask_for_one(db, PARTY)
    with pytest.raises(Invalid):
        await passkeys.sign_in_with(db, PARTY, asked.challenge, bos.show(asked.options, handle=anns.handle), "")
    asked = await passkeys.ask_for_one(db, PARTY)
    bos.id = anns.id  # Ann's name under Bo's signature
    with pytest.raises(Invalid):
        await passkeys.sign_in_with(db, PARTY, asked.challenge, bos.show(asked.options, handle=b""), "")

    assert await value(db, "SELECT sign_count FROM passkey WHERE member_id = :id", id=ann.id) == anns.count - 1


@pytest.mark.parametrize("state", ["suspended", "deactivated", "deleted"])
async def test_the_passkey_of_a_closed_account_opens_nothing_and_its_sessions_are_over(db, state):
    key, ann = await a_passkey(db, await signed_in(db))
    await run(db, "UPDATE member SET state = :state WHERE id = :id", state=state, id=ann.id)
    asked = await passkeys.ask_for_one(db, PARTY)

    with pytest.raises(Invalid):
        await passkeys.sign_in_with(db, PARTY, asked.challenge, key.show(asked.options), "")

    assert await value(db, "SELECT count(*) FROM session") == 0


async def test_a_passkey_belongs_to_one_account(db):
    key, ann = await a_passkey(db, await signed_in(db))
    bo = await signed_in(db)
    asked = await passkeys.ask_to_register(db, bo, PARTY)

    with pytest.raises(Invalid):
        await passkeys.register(db, bo, PARTY, asked.challenge, key.make(asked.options), "Mine")

    assert await value(db, "SELECT array_agg(member_id) FROM passkey") == [ann.id]


# Who may change keys


async def test_who_may_not_add_or_remove_a_passkey(db):
    ann = await signed_in(db)
    _, ann = await a_passkey(db, ann)
    passkey_id = await value(db, "SELECT id FROM passkey")
    refusals = {
        "a guest": (GUEST, Forbidden),
        "a session of long ago": (replace(ann, is_confirmed=False), Unconfirmed),
        "without the second factor there is": (replace(ann, has_second_factor=False), Unconfirmed),
    }
    for who, (actor, refusal) in refusals.items():
        for doing in (
            passkeys.ask_to_register(db, actor, PARTY),
            passkeys.register(db, actor, PARTY, "x", "{}", "Laptop"),
            passkeys.remove(db, actor, passkey_id),
        ):
            assert type(await attempt(doing)) is refusal, who
    with pytest.raises(NotFound):
        await passkeys.remove(db, await signed_in(db), passkey_id)

    assert await value(db, "SELECT count(*) FROM passkey") == 1


async def test_a_passkey_has_a_name(db):
    _, ann = await a_passkey(db, await signed_in(db), name="  Work \n laptop ")
    passkey_id = await value(db, "SELECT id FROM passkey WHERE name = 'Work laptop'")

    await passkeys.rename(db, ann, passkey_id, "Key ring")
    for name in ("", " \n", "x" * 61, "a\x07b"):
        with pytest.raises(Invalid):
            await passkeys.rename(db, ann, passkey_id, name)
    with pytest.raises(NotFound):
        await passkeys.rename(db, await signed_in(db), passkey_id, "Mine")

    assert await value(db, "SELECT name FROM passkey") == "Key ring"


async def test_there_is_an_end_to_passkeys(db):
    ann = await signed_in(db)
    for _ in range(MOST_PASSKEYS):
        _, ann = await a_passkey(db, ann)

    with pytest.raises(Forbidden):
        await passkeys.ask_to_register(db, ann, PARTY)


async def test_a_removed_passkey_opens_nothing_and_staff_are_asked_for_a_key_again(db):
    key, ann = await a_passkey(db, await signed_in(db))
    await passkeys.remove(db, ann, await value(db, "SELECT id FROM passkey"))
    asked = await passkeys.ask_for_one(db, PARTY)

    with pytest.raises(Invalid):
        await passkeys.sign_in_with(db, PARTY, asked.challenge, key.show(asked.options), "")

    assert await value(db, "SELECT count(*) FROM session WHERE second_factor_at IS NOT NULL") == 0


async def test_the_last_way_in_stays(db):
    ann = await a_member(db)
    _, ann = await a_passkey(db, await signed_in(db, ann))
    _, ann = await a_passkey(db, ann)
    await run(db, "DELETE FROM member_email WHERE member_id = :id", id=ann.id)
    ids = await value(db, "SELECT array_agg(id) FROM passkey")

    came = await asyncio.gather(*(attempt(passkeys.remove(db, ann, each)) for each in ids))

    assert sorted(type(each).__name__ for each in came) == ["Forbidden", "NoneType"]
    assert (await key_queries.ways(db, ann.id)).count == 1


async def test_registering_that_rolled_back_leaves_nothing(db):
    ann = await signed_in(db)

    async def register_and_fail():
        async with db.transaction():
            await a_passkey(db, ann)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await register_and_fail()

    assert not (await key_queries.keys(db, ann)).any
    assert await value(db, "SELECT count(*) FROM session WHERE second_factor_at IS NOT NULL") == 0


async def test_the_member_hears_of_a_new_passkey_by_mail(db, drain, tools):
    await a_passkey(db, await signed_in(db, address="ann@district.example"))
    await drain()

    assert [(mail.to, "passkey was added" in mail.text) for mail in tools.mailer.sent] == [
        ("ann@district.example", True)
    ]


def test_where_browsers_keep_passkeys():
    hosts = {
        "https://forum.example": True,
        "http://localhost:8000": True,
        "http://forum.localhost": True,
        "http://forum.example": False,
        "http://127.0.0.1:8000": False,
        "https://192.0.2.1": False,
        "https://[::1]": False,
    }
    for origin, can in hosts.items():
        assert Party(urlsplit(origin).hostname, origin, "x").can_have_passkeys is can, origin
