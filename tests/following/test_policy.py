"""Who may follow what, with each sentence of refusal. No database."""

import pytest

from forum.following import policy
from forum.following.things import KINDS
from forum.members.types import GUEST, Actor

MEMBER, VENDOR, ADMIN = Actor(1), Actor(2, role="vendor"), Actor(3, role="admin")
SIGN_IN = "Sign in to follow what matters to you."
NO_PERSON = "Who is here stays among members; vendors follow nobody."


@pytest.mark.parametrize("kind", KINDS)
def test_who_follows_things_of_that_kind(kind):
    assert policy.may_follow(GUEST, kind).reason == SIGN_IN
    assert policy.may_follow(MEMBER, kind)
    assert policy.may_follow(ADMIN, kind)
    assert policy.may_follow(VENDOR, kind).reason == (NO_PERSON if kind == "person" else "")


def test_who_says_how_they_hear_of_things():
    assert policy.may_wish(GUEST).reason == "Sign in to choose what you hear about."
    assert policy.may_wish(MEMBER)
    assert policy.may_wish(VENDOR)


def test_who_plans_quiet_times():
    for actor in (GUEST, MEMBER, VENDOR):
        assert policy.may_plan_quiet(actor).reason == "Only administrators plan quiet times."
    assert policy.may_plan_quiet(ADMIN)
