"""Who may see contracts and keep them, case by case."""

import pytest

from forum.members.types import GUEST, Actor
from forum.renewals.policy import may_keep_contracts, may_see_renewals

ADA, ANN, VIC = Actor(1, role="admin"), Actor(2, role="member"), Actor(3, role="vendor")
MIA = Actor(4, role="member", moderates=frozenset({5}))
SIGN_IN, VENDOR = "Sign in to see renewals.", "Contracts stay among members."
NOWHERE = "Say in your profile which district you work for first."


@pytest.mark.parametrize(("actor", "reason"), [(GUEST, SIGN_IN), (VIC, VENDOR), (ANN, ""), (MIA, ""), (ADA, "")])
def test_who_sees_the_room(actor, reason):
    assert may_see_renewals(actor).reason == reason


@pytest.mark.parametrize(
    ("actor", "district_id", "reason"),
    [
        (GUEST, None, SIGN_IN),
        (GUEST, 7, SIGN_IN),
        (VIC, 7, VENDOR),
        (VIC, None, VENDOR),
        (ANN, None, NOWHERE),
        (ADA, None, NOWHERE),
        (ANN, 7, ""),
        (MIA, 7, ""),
        (ADA, 7, ""),
    ],
)
def test_who_keeps_contracts_of_a_district(actor, district_id, reason):
    assert may_keep_contracts(actor, district_id).reason == reason
