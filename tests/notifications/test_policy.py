"""Who is told what is new."""

from forum.members.types import GUEST, Actor
from forum.notifications import policy


def test_everybody_but_a_guest_is_told():
    assert policy.may_be_told(GUEST).reason == "Sign in to see what is new for you."
    assert policy.may_be_told(Actor(2, "ann", role="member"))
    assert policy.may_be_told(Actor(3, "vic", role="vendor"))
