"""What people may do with their ways in and their keys, case by case."""

from datetime import UTC, datetime

import pytest

from forum.identities.key_types import Keys, Passkey
from forum.identities.policy import may_add_passkey, may_have_keys, may_remove_way, may_reset_keys, require_for_keys
from forum.kit.errors import Forbidden, Unconfirmed
from forum.members.types import GUEST, Actor

SIGN_IN = "Sign in to see how your account is secured."


def keys(passkeys=0, *, has_codes=False) -> Keys:
    return Keys([Passkey(1, "Laptop", datetime.now(UTC), None)] * passkeys, has_codes, 0)


def ann(*, is_confirmed=True, has_second_factor=False) -> Actor:
    return Actor(2, role="member", is_confirmed=is_confirmed, has_second_factor=has_second_factor)


def test_guests_have_no_keys():
    assert may_have_keys(GUEST).reason == SIGN_IN
    assert may_have_keys(ann()).reason == ""


def test_the_last_way_in_stays():
    last = "This is your last way in. Add an address or a passkey first."

    assert [may_remove_way(ways).reason for ways in (0, 1, 2, 3)] == [last, last, "", ""]


def test_twenty_passkeys_are_the_most():
    assert may_add_passkey(keys(19)).reason == ""
    assert may_add_passkey(keys(20)).reason == ("You have 20 passkeys, which is the most. Remove one you do not use.")
    assert not may_add_passkey(keys(21))


@pytest.mark.parametrize(
    ("role", "member_id", "reason"),
    [
        ("admin", 1, ""),
        ("admin", 2, "Nobody resets their own. Remove your keys on your page of settings."),
        ("member", 1, "Only administrators reset second factors."),
        ("member", 2, "Only administrators reset second factors."),
    ],
)
def test_second_factors_are_reset_by_another_person_who_is_administrator(role, member_id, reason):
    assert may_reset_keys(Actor(2, role=role), member_id).reason == reason


@pytest.mark.parametrize(
    ("actor", "of", "need"),
    [
        (ann(is_confirmed=False), keys(), "identity"),
        (ann(is_confirmed=False, has_second_factor=True), keys(1), "identity"),
        (ann(), keys(1), "second-factor"),
        (ann(), keys(has_codes=True), "second-factor"),
    ],
)
def test_keys_change_only_for_somebody_who_has_just_shown_who_they_are(actor, of, need):
    with pytest.raises(Unconfirmed) as refused:
        require_for_keys(actor, of)

    assert refused.value.need == need


def test_keys_change_with_the_second_factor_or_where_there_is_none_yet():
    require_for_keys(ann(), keys())
    require_for_keys(ann(has_second_factor=True), keys(1))

    with pytest.raises(Forbidden, match=SIGN_IN):
        require_for_keys(GUEST, keys())
