"""What administrators may do with the site, case by case."""

import pytest

from forum.administration.policy import MAILED_LINK, may_run_site, may_switch_off
from forum.members.types import GUEST, Actor

ADA, ANN = Actor(9, role="admin"), Actor(2, role="member", moderates=frozenset({1}))
ONLY = "Only administrators do that."
REST = "no other way to sign in. They link an account or add a passkey first."


def test_only_administrators_run_the_site():
    assert [may_run_site(who).reason for who in (ADA, ANN, GUEST)] == ["", ONLY, ONLY]


def test_the_mailed_link_is_called_as_the_switches_and_members_know_it():
    assert MAILED_LINK == "mail"


@pytest.mark.parametrize(
    ("actor", "on", "locked_out", "reason"),
    [
        (ANN, {"mail"}, 0, ONLY),
        (ADA, {"mail"}, 0, ""),
        (ADA, set(), 0, "This is the last way to sign in. Switch another one on first."),
        (ADA, {"mail"}, 1, f"One administrator has {REST}"),
        (ADA, {"mail"}, 2, f"2 administrators have {REST}"),
    ],
)
def test_a_way_to_sign_in_goes_only_while_every_administrator_keeps_another(actor, on, locked_out, reason):
    assert may_switch_off(actor, on=frozenset(on), locked_out=locked_out).reason == reason
