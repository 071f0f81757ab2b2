"""Who may act in a category, case by case."""

from types import SimpleNamespace

import pytest

from forum.categories.policy import may_act, may_administer, may_remove, may_start
from forum.categories.types import Rights, Room
from forum.members.types import GUEST, Actor

ADA, ANN, VIC = (Actor(number, role=role) for number, role in enumerate(("admin", "member", "vendor"), 1))
MIA, OMAR = Actor(4, role="member", moderates=frozenset({5})), Actor(5, role="member", moderates=frozenset({6}))
IN_GROUP, IN_OTHER = (Actor(6, role="member", groups=frozenset({group})) for group in (7, 8))
SILENT, SILENT_ELSEWHERE = (Actor(8, role="member", silenced_in=frozenset({place})) for place in (5, 6))
SILENT_STAFF = Actor(9, role="member", moderates=frozenset({5}), silenced_in=frozenset({0}))

ARCHIVED = "This category is archived: it stays to be read, and nobody writes in it anymore."
SILENCED = "You may read here, but not write for now. Staff told you why by email."
NO_GUEST = "Sign in to start a thread."
ONLY_STAFF, ONLY_GROUPS = (f"Only {who} start a thread in this category." for who in ("staff", "its groups"))
NO_VENDOR = "Vendors do not start a thread in this category."


def rights(by="members", **more) -> Rights:
    return Rights(5, by, **more)


GROUPS = rights("groups", groups=frozenset({7, 9}))


@pytest.mark.parametrize(
    ("actor", "of", "reason"),
    [
        (ANN, rights(), ""),
        (GUEST, rights(), NO_GUEST),
        (ANN, rights(is_archived=True), ARCHIVED),
        (MIA, rights(is_archived=True), ARCHIVED),
        (GUEST, rights(is_archived=True), ARCHIVED),
        (ADA, rights(is_archived=True), ""),
        (SILENT, rights(), SILENCED),
        (SILENT_ELSEWHERE, rights(), ""),
        (SILENT_STAFF, rights(), ""),
        (ANN, rights("staff"), ONLY_STAFF),
        (OMAR, rights("staff"), ONLY_STAFF),
        (MIA, rights("staff"), ""),
        (ADA, rights("staff"), ""),
        (ANN, GROUPS, ONLY_GROUPS),
        (IN_OTHER, GROUPS, ONLY_GROUPS),
        (IN_GROUP, GROUPS, ""),
        (MIA, GROUPS, ""),
        (VIC, rights(), NO_VENDOR),
        (VIC, rights(lets_vendors_in=True), ""),
        (ANN, rights(lets_vendors_in=True), ""),
    ],
)
def test_each_right_is_for_those_it_names_and_for_staff(actor, of, reason):
    assert may_act(actor, of, "start a thread").reason == reason


def room(**changes) -> Room:
    plain = {
        **{"id": 5, "slug": "c", "name": "C", "colour": "#49606b", "description": "", "default_kind": "question"},
        **{"ask_template": "", "reply_by": "staff", "start_by": "members", "lets_vendors_in": False},
        **{"is_archived": False, "holds_first_posts": False, "slow_seconds": 0, "seen_by": "readers"},
        **{"reply_groups": (), "start_groups": (), "moderators": ()},
    }
    return Room(**plain | changes)


@pytest.mark.parametrize(
    ("actor", "changes", "reason"),
    [
        (ANN, {}, ""),
        (GUEST, {}, NO_GUEST),
        (VIC, {"lets_vendors_in": True}, "Members begin threads; you may reply where a product of yours is named."),
        (ANN, {"start_by": "staff", "reply_by": "members"}, ONLY_STAFF),
    ],
)
def test_threads_are_started_by_those_who_have_that_right(actor, changes, reason):
    assert may_start(actor, room(**changes)).reason == reason


def test_only_administrators_change_categories():
    refused = "Only administrators change categories."

    assert [may_administer(who).reason for who in (ADA, ANN, MIA, GUEST)] == ["", refused, refused, refused]


@pytest.mark.parametrize(
    ("has_children", "has_threads", "reason"),
    [
        (False, False, ""),
        (True, False, "Other categories stand below it. Move them elsewhere first."),
        (False, True, "There are threads in it, or deleted ones. Archive it instead: it stays to be read."),
    ],
)
def test_only_an_empty_category_is_removed(has_children, has_threads, reason):
    assert may_remove(SimpleNamespace(has_children=has_children, has_threads=has_threads)).reason == reason
