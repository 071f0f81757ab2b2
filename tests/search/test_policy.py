"""Who may keep searches and tend search, case by case."""

import pytest

from forum.members.types import GUEST, Actor
from forum.search import policy

ANN, VIC, MIA, ADA = (
    Actor(2, "ann", role="member"),
    Actor(3, "vic", role="vendor"),
    Actor(4, "mia", role="member", moderates=frozenset({5})),
    Actor(1, "ada", role="admin"),
)
EVERYBODY = (GUEST, ANN, VIC, MIA, ADA)


@pytest.mark.parametrize(
    ("verdict", "reasons"),
    [
        (policy.may_save, ("Sign in to keep searches.", "", "", "", "")),
        (policy.may_tend_search, (*["Only administrators say which words mean the same."] * 4, "")),
    ],
)
def test_each_kind_of_person_hears_why_not(verdict, reasons):
    assert tuple(verdict(who).reason for who in EVERYBODY) == reasons
