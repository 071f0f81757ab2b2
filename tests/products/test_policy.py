"""What people may do with products and reviews, case by case."""

import pytest

from forum.members.types import GUEST, Actor
from forum.products import policy
from forum.products.review_types import Answering

ADA, ANN, VIC = (
    Actor(n, name, role=role) for n, name, role in ((1, "ada", "admin"), (2, "ann", "member"), (3, "vic", "vendor"))
)
EVERYBODY = (GUEST, ANN, VIC, ADA)


@pytest.mark.parametrize(
    ("verdict", "reasons"),
    [
        (policy.may_see_products, ("Sign in to see products.", "", "", "")),
        (
            policy.may_see_districts,
            ("Sign in to see who runs it.", "", "Which districts run it stays among members.", ""),
        ),
        (
            policy.may_suggest,
            ("Sign in to suggest a product.", "", "Write to an administrator to have a product of yours added.", ""),
        ),
        (
            policy.may_see_prices,
            ("Sign in to see what districts pay.", "", "What districts pay stays among members.", ""),
        ),
        (policy.may_see_writer, (*["Only the association's staff see who wrote it."] * 3, "")),
        (policy.may_manage, (*["Only administrators change products."] * 3, "")),
    ],
)
def test_each_kind_of_person_hears_why_not(verdict, reasons):
    assert tuple(verdict(who).reason for who in EVERYBODY) == reasons


@pytest.mark.parametrize(
    ("verdict", "guest", "vendor", "lonely"),
    [
        (
            policy.may_review,
            "Sign in to review it.",
            "Vendors do not rate products, neither theirs nor others'.",
            "Say in your profile which district you work for first: it is what counts.",
        ),
        (
            policy.may_say_use,
            "Sign in to say that you run it.",
            "Members say what their districts run.",
            "Say in your profile which district you work for first.",
        ),
    ],
)
def test_a_district_speaks_through_its_members(verdict, guest, vendor, lonely):
    assert [verdict(who, 7).reason for who in EVERYBODY] == [guest, "", vendor, ""]
    assert (verdict(ANN, None).reason, verdict(VIC, None).reason) == (lonely, vendor)


def found(*, is_own=True, is_gone=False, days=None) -> Answering:
    return Answering(1, "lantern", "Lantern", 1, 1, 1, "", "Ann", is_own, is_gone, days, "", 0, None)


ONCE = "A review is answered once; the answer could be corrected for 14 days."
NOT_YOURS = "Only the people of its vendor answer a review."


@pytest.mark.parametrize(
    ("who", "review", "reason"),
    [
        (VIC, found(), ""),
        (VIC, found(days=0), ""),
        (VIC, found(days=13), ""),
        (VIC, found(days=14), ONCE),
        (VIC, found(is_own=False), NOT_YOURS),
        (VIC, found(is_gone=True), "This review is not there anymore."),
        (ANN, found(), NOT_YOURS),
        (ADA, found(), NOT_YOURS),
        (GUEST, found(), NOT_YOURS),
    ],
)
def test_a_vendor_answers_once_and_corrects_for_a_fortnight(who, review, reason):
    assert policy.may_answer(who, review).reason == reason


def test_members_ask_each_other_and_owners_may_be_asked():
    guest, vendor = "Sign in to ask who runs it.", "Members ask each other; vendors neither ask nor are asked."
    lonely, runs = "Say in your profile which district you work for first.", "Say first that your district runs it"

    assert [policy.may_ask_owners(who, 7).reason for who in EVERYBODY] == [guest, "", vendor, ""]
    assert policy.may_ask_owners(ANN, 0)
    assert (policy.may_ask_owners(ANN, None).reason, policy.may_ask_owners(VIC, None).reason) == (lonely, vendor)
    assert [policy.may_be_asked(who, runs_it=True).reason for who in EVERYBODY] == [guest, "", vendor, ""]
    said = f"{runs}: its owners are asked."
    assert [policy.may_be_asked(who, runs_it=False).reason for who in EVERYBODY] == [guest, said, vendor, said]


def test_members_of_a_district_tell_how_they_moved():
    guest, vendor = "Sign in to tell how you moved.", "Members tell how they moved; vendors do not."
    lonely = "Say in your profile which district you work for first: it is its story."

    assert [policy.may_tell_move(who, 7).reason for who in EVERYBODY] == [guest, "", vendor, ""]
    assert (policy.may_tell_move(ANN, None).reason, policy.may_tell_move(VIC, None).reason) == (lonely, vendor)
