"""Who may see contracts and keep them, and answer and run rounds, case by case."""

from datetime import date

import pytest

from forum.members.types import GUEST, Actor
from forum.renewals.policy import (
    may_answer_round,
    may_decide,
    may_judge,
    may_keep_contracts,
    may_run_round,
    may_see_renewals,
)
from forum.renewals.round_types import Round

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


def a_round(*, is_ours=False, is_closed=False, decision="") -> Round:
    return Round(
        id=1,
        product_name="Lantern",
        asker="Pine County",
        closes_on=date(2027, 3, 1),
        answers=0,
        is_closed=is_closed,
        decision=decision,
        chosen_name="",
        is_ours=is_ours,
        waits_for_me=False,
        was_reminded=False,
        asks_again=False,
        product_id=1,
        product_slug="lantern",
        district_id=7,
        thread_id=1,
        thread_slug="lantern",
        category_id=1,
        is_unnamed=False,
        reason="",
        was_right="",
        lesson="",
        decided_at=None,
    )


OPEN, CLOSED = a_round(), a_round(is_closed=True)
OURS, OURS_CLOSED = a_round(is_ours=True), a_round(is_ours=True, is_closed=True)
OURS_DECIDED = a_round(is_ours=True, is_closed=True, decision="renewed")
IS_CLOSED = "This round is closed."


@pytest.mark.parametrize(
    ("actor", "found", "district_id", "reason"),
    [
        (GUEST, OPEN, None, SIGN_IN),
        (VIC, OPEN, 7, VENDOR),
        (ANN, OPEN, 7, ""),
        (ADA, OPEN, 7, ""),
        (ANN, OPEN, None, NOWHERE),
        (ANN, CLOSED, 7, IS_CLOSED),
        (ANN, OURS, 7, "Your district asks; others answer."),
        (ANN, OURS_CLOSED, 7, IS_CLOSED),
    ],
)
def test_members_of_other_districts_answer_a_round_while_it_is_open(actor, found, district_id, reason):
    assert may_answer_round(actor, found, district_id).reason == reason


CLOSES, DECIDES = "The district that asks closes it.", "The district that asked says what it chose."
JUDGES = "The district that decided says whether it was right."


@pytest.mark.parametrize(
    ("may", "found", "reason"),
    [
        (may_run_round, OPEN, CLOSES),
        (may_run_round, OURS, ""),
        (may_run_round, OURS_CLOSED, IS_CLOSED),
        (may_decide, CLOSED, DECIDES),
        (may_decide, OURS, "Close the round first: then say what you chose."),
        (may_decide, OURS_CLOSED, ""),
        (may_judge, a_round(decision="renewed"), JUDGES),
        (may_judge, OURS_CLOSED, "Say what you chose first."),
        (may_judge, OURS_DECIDED, ""),
    ],
)
def test_the_district_that_asks_closes_decides_and_looks_back(may, found, reason):
    assert may(ANN, found).reason == reason


@pytest.mark.parametrize(
    ("may", "found", "reason"),
    [(may_run_round, OURS, CLOSES), (may_decide, OURS_CLOSED, DECIDES), (may_judge, OURS_DECIDED, JUDGES)],
)
def test_no_guest_acts_for_a_district(may, found, reason):
    assert may(GUEST, found).reason == reason
