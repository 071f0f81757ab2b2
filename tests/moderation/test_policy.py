"""Who may decide, undo and take notes, case by case."""

from datetime import UTC, datetime

import pytest

from forum.audit.types import Entry
from forum.members.types import GUEST, Actor
from forum.moderation.policy import FLAGS_TO_HIDE, may_decide, may_drop_note, may_note, may_undo
from forum.moderation.types import Item

NOW = datetime.now(UTC)
ADA, ANN = Actor(1, role="admin"), Actor(2, role="member")
MIA = Actor(4, role="member", moderates=frozenset({5}))
TAKEN = "Omar is looking at this. It is free again 15 minutes after."


def item(**changes) -> Item:
    plain = {
        **{"id": 1, "kind": "flag", "subject_id": 1, "category_id": 5, "author_id": 2, "claimed_by": None},
        **{"claimed_name": None, "is_claimed": False, "decided_at": None, "decided_name": None, "verdict": ""},
        **{"letter": "", "entry_id": None, "created_at": NOW},
    }
    return Item(**plain | changes)


def entry(act="post.hidden", category_id=5) -> Entry:
    return Entry(1, act, 4, "Mia", "mia", "post", 1, category_id, {}, {}, "", True, NOW)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, ""),
        ({"is_claimed": True, "claimed_by": 9, "claimed_name": "Omar"}, TAKEN),
        ({"is_claimed": True, "claimed_by": 4, "claimed_name": "Mia"}, ""),
        ({"is_claimed": False, "claimed_by": 9, "claimed_name": "Omar"}, ""),
        ({"decided_at": NOW, "decided_name": "Omar", "verdict": "kept"}, "Omar has decided this already: kept."),
        ({"decided_at": NOW, "verdict": "kept"}, "Somebody has decided this already: kept."),
    ],
)
def test_what_waits_is_decided_once_and_by_whoever_took_it(changes, reason):
    assert may_decide(MIA, item(**changes)).reason == reason


@pytest.mark.parametrize(
    ("actor", "of", "reason"),
    [
        (MIA, entry(), ""),
        (MIA, entry(category_id=6), "You are not staff there anymore."),
        (MIA, entry(category_id=None), ""),
        (ANN, entry("thread.duplicate"), ""),
        (ADA, entry(category_id=6), ""),
    ],
)
def test_who_lost_the_right_does_not_undo(actor, of, reason):
    assert may_undo(actor, of).reason == reason


@pytest.mark.parametrize(
    ("actor", "category_id", "reason"),
    [
        (ADA, None, ""),
        (ADA, 6, ""),
        (MIA, None, "Choose the category whose staff may read it."),
        (MIA, 5, ""),
        (MIA, 6, "Choose a category you moderate."),
    ],
)
def test_notes_are_written_where_one_is_staff(actor, category_id, reason):
    assert may_note(actor, category_id).reason == reason


def test_a_note_is_thrown_away_by_its_writer_and_administrators():
    refused = "Only who wrote a note throws it away."

    assert may_drop_note(MIA, 4).reason == may_drop_note(ADA, 4).reason == may_drop_note(ADA, None).reason == ""
    assert may_drop_note(MIA, 2).reason == may_drop_note(MIA, None).reason == may_drop_note(GUEST, 4).reason == refused


def test_three_flags_hide_a_post():
    assert FLAGS_TO_HIDE == 3
