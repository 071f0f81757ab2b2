"""Who may do what with a whole account, case by case."""

import pytest

from forum.accounts.policy import may_delete, may_export, may_merge
from forum.accounts.types import Side
from forum.members.types import GUEST, Actor

ADA, ANN = Actor(9, role="admin"), Actor(2, role="member")
OWN = "Sign in to look after your account."
NOT_YOURS = "Only administrators, or their owner, make two accounts one."
SHUT = "A suspended or closed account cannot be part of this. Let it in again first."
VENDOR = "A vendor's account and a member's stay apart."


def side(number, role="member", state="active") -> Side:
    return Side(number, "handle", "Name", role, state)


def test_guests_have_no_account_to_take_along_or_delete():
    assert may_export(GUEST).reason == may_delete(GUEST).reason == OWN
    assert may_export(ANN).reason == may_delete(ANN).reason == ""


@pytest.mark.parametrize(
    ("actor", "source", "into", "reason"),
    [
        (ADA, side(1), side(2), ""),
        (ADA, side(1), side(1), "These are one account already."),
        (ANN, side(1), side(2), ""),
        (ANN, side(2), side(1), NOT_YOURS),
        (GUEST, side(1), side(2), NOT_YOURS),
        (ADA, side(1, state="suspended"), side(2), SHUT),
        (ADA, side(1, state="deactivated"), side(2), ""),
        (ADA, side(1), side(2, state="suspended"), SHUT),
        (ADA, side(1), side(2, state="deactivated"), SHUT),
        (ADA, side(1, "vendor"), side(2), VENDOR),
        (ADA, side(1), side(2, "vendor"), VENDOR),
        (ADA, side(1, "vendor"), side(2, "vendor"), ""),
        (ADA, side(1, "admin"), side(2), ""),
    ],
)
def test_accounts_are_merged_by_administrators_or_the_owner_of_the_one_that_stays(actor, source, into, reason):
    assert may_merge(actor, source, into).reason == reason
