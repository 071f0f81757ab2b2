"""Who may act on a thread or post they can see, case by case."""

from datetime import UTC, datetime, timedelta

import pytest

from forum.categories.types import Room
from forum.members.types import GUEST, Actor
from forum.threads import policy
from forum.threads.types import PostSource, Thread

NOW = datetime(2026, 3, 1, tzinfo=UTC)
ADA, ANN, BEN, VIC = (
    *(Actor(1, role="admin"), Actor(2, role="member")),
    *(Actor(3, role="member"), Actor(6, role="vendor")),
)
MIA = Actor(4, role="member", moderates=frozenset({5}))
SILENT, SILENT_STAFF = (Actor(2, role="member", silenced_in=frozenset({5}), moderates=m) for m in (frozenset(), {5}))

ARCHIVED = "This category is archived: it stays to be read, and nobody writes in it any more."
DELETED, LOCKED = "This thread is deleted.", "This thread is locked."
SILENCED = "You may read here, but not write for now. Staff told you why by mail."


def thread(**changes) -> Thread:
    """A question of Ann's in category 5, as an ordinary member sees it."""
    plain = {
        **{"id": 1, "category_id": 5, "author_id": 2, "kind": "question", "title": "How?", "slug": "how"},
        **{"is_locked": False, "is_pinned": False, "reply_count": 0, "last_number": 1, "accepted_post_id": None},
        **{"accepted_number": None, "accepted_name": None, "created_at": NOW, "deleted_at": None, "deleted_by": None},
        **{"delete_reason": "", "category_slug": "c", "category_name": "C", "category_colour": "#49606b"},
        **{"author_name": "Ann", "author_handle": "ann", "reply_by": "members", "reply_groups": ()},
        **{"lets_vendors_in": False, "is_archived": False, "is_staff": False, "topics": (), "read_number": 0},
        **{"duplicate_of_id": None, "slow_seconds": 0, "wait_seconds": 0},
    }
    return Thread(**plain | changes)


def post(**changes) -> PostSource:
    """Ann's opening post."""
    plain = {
        **{"id": 1, "thread_id": 1, "number": 1, "format": "markdown", "source": "How?", "version": 1, "author_id": 2},
        **{"author_handle": "ann", "author_name": "Ann", "created_at": NOW, "deleted_at": None, "deleted_by": None},
    }
    return PostSource(**plain | changes)


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
        (GUEST, {}, "Sign in to start a thread."),
        (ANN, {"start_by": "staff", "reply_by": "members"}, "Only staff start a thread in this category."),
    ],
)
def test_threads_are_started_by_those_who_have_that_right(actor, changes, reason):
    assert policy.may_start(actor, room(**changes)).reason == reason


def test_guests_write_nothing():
    assert [policy.may_write(who).reason for who in (GUEST, ANN)] == ["Sign in to write.", ""]


@pytest.mark.parametrize(
    ("actor", "of", "reason"),
    [
        (ANN, thread(), ""),
        (GUEST, thread(), "Sign in to reply."),
        (MIA, thread(is_staff=True, deleted_at=NOW), DELETED),
        (VIC, thread(), "Vendors do not reply in this category."),
        (VIC, thread(lets_vendors_in=True), ""),
        (ANN, thread(is_locked=True), LOCKED),
        (ANN, thread(reply_by="staff", is_locked=True), "Only staff reply in this category."),
        (MIA, thread(is_staff=True, is_locked=True, wait_seconds=60), ""),
        (MIA, thread(is_staff=True, is_archived=True), ARCHIVED),
    ],
)
def test_replies_are_for_those_with_the_right_while_the_thread_is_open(actor, of, reason):
    assert policy.may_reply(actor, of).reason == reason


@pytest.mark.parametrize(
    ("seconds", "left"),
    [
        *((1, "1 seconds"), (59, "59 seconds"), (60, "a minute"), (61, "2 minutes"), (120, "2 minutes")),
        *((121, "3 minutes"), (3600, "60 minutes")),
    ],
)
def test_slow_mode_says_how_long_to_wait(seconds, left):
    said = policy.may_reply(ANN, thread(wait_seconds=seconds)).reason

    assert said == f"This thread is in slow mode: you can reply again in {left}."


STAFF_ONLY = "Only staff of its category do that."
MODERATING = [
    (MIA, thread(is_staff=True), ""),
    (MIA, thread(is_staff=True, is_locked=True), ""),
    (MIA, thread(is_staff=True, is_archived=True), ARCHIVED),
    (ADA, thread(is_staff=True, is_archived=True), ""),
    (MIA, thread(is_staff=True, deleted_at=NOW), "Restore the thread first."),
]


@pytest.mark.parametrize(
    ("actor", "of", "reason"),
    [
        *MODERATING,
        (ANN, thread(), STAFF_ONLY),
        (GUEST, thread(), STAFF_ONLY),
        (BEN, thread(deleted_at=NOW), STAFF_ONLY),
    ],
)
def test_staff_of_its_category_moderate_a_thread(actor, of, reason):
    assert policy.may_moderate(actor, of).reason == reason


CLOSING = "Only the asker and staff close a thread as a duplicate."


@pytest.mark.parametrize(
    ("actor", "of", "reason"),
    [
        *MODERATING,
        (ANN, thread(), ""),
        (BEN, thread(), CLOSING),
        (GUEST, thread(), CLOSING),
        (GUEST, thread(author_id=None), CLOSING),
        (ANN, thread(deleted_at=NOW), DELETED),
        (ANN, thread(is_archived=True), ARCHIVED),
        (ANN, thread(is_locked=True), LOCKED),
    ],
)
def test_the_asker_and_staff_close_a_duplicate(actor, of, reason):
    assert policy.may_close(actor, of).reason == reason


WEEK = timedelta(days=7)
ASKERS_ALONE = "For seven days the choice is the asker's alone."


@pytest.mark.parametrize(
    ("actor", "of", "age", "reason"),
    [
        (ANN, thread(), timedelta(0), ""),
        (ANN, thread(kind="discussion"), timedelta(0), "Only questions have an accepted answer."),
        (GUEST, thread(), WEEK, "Sign in to accept an answer."),
        (GUEST, thread(author_id=None), WEEK, "Sign in to accept an answer."),
        (GUEST, thread(deleted_at=NOW), WEEK, "Sign in to accept an answer."),
        (ANN, thread(deleted_at=NOW), WEEK, DELETED),
        (ANN, thread(is_archived=True), WEEK, ARCHIVED),
        (ADA, thread(is_archived=True, is_staff=True), WEEK, ""),
        (BEN, thread(), WEEK, "The asker chooses the accepted answer."),
        (MIA, thread(is_staff=True), WEEK, ""),
        (MIA, thread(is_staff=True), WEEK - timedelta(seconds=1), ASKERS_ALONE),
    ],
)
def test_the_asker_accepts_an_answer_and_staff_after_seven_days(actor, of, age, reason):
    assert policy.may_accept(actor, of, NOW + age).reason == reason


def test_without_a_time_the_seven_days_end_now():
    ago = [datetime.now(UTC) - WEEK + shift for shift in (timedelta(minutes=-1), timedelta(minutes=1))]

    verdicts = [policy.may_accept(MIA, thread(is_staff=True, created_at=asked)).reason for asked in ago]

    assert verdicts == ["", ASKERS_ALONE]


EDITING, RESTORE_FIRST = "Only its author and staff edit a post.", "Restore it first."


@pytest.mark.parametrize(
    ("actor", "of", "the_post", "reason"),
    [
        (ANN, thread(), post(), ""),
        (GUEST, thread(), post(), "Sign in to edit."),
        (BEN, thread(), post(), EDITING),
        (MIA, thread(is_staff=True), post(), ""),
        (MIA, thread(is_staff=True), post(deleted_at=NOW), RESTORE_FIRST),
        (ANN, thread(deleted_at=NOW), post(), RESTORE_FIRST),
        (MIA, thread(is_staff=True), post(format="mail"), "A mail of the archive stays as it was sent."),
        (ANN, thread(is_archived=True), post(), ARCHIVED),
        (MIA, thread(is_archived=True, is_staff=True), post(), ARCHIVED),
        (ADA, thread(is_archived=True, is_staff=True), post(), ""),
        (SILENT, thread(), post(), SILENCED),
        (SILENT, thread(category_id=6), post(), ""),
        (SILENT_STAFF, thread(is_staff=True), post(), ""),
        (ANN, thread(is_locked=True), post(), LOCKED),
        (MIA, thread(is_staff=True, is_locked=True), post(), ""),
    ],
)
def test_its_author_and_staff_edit_a_post(actor, of, the_post, reason):
    assert policy.may_edit(actor, of, the_post).reason == reason


DELETING, GONE = "Only its author and staff delete a post.", "It is deleted already."


@pytest.mark.parametrize(
    ("actor", "of", "the_post", "reason"),
    [
        (ANN, thread(), post(), ""),
        (GUEST, thread(), post(), "Sign in to delete."),
        (BEN, thread(), post(), DELETING),
        (ANN, thread(), post(deleted_at=NOW), GONE),
        (ANN, thread(deleted_at=NOW), post(), GONE),
        (ANN, thread(is_archived=True), post(), ARCHIVED),
        (MIA, thread(is_archived=True, is_staff=True), post(), ARCHIVED),
        (ADA, thread(is_archived=True, is_staff=True), post(), ""),
        (ANN, thread(reply_count=1), post(), "Others have replied. Ask staff to delete the thread."),
        (ANN, thread(reply_count=1), post(number=2), ""),
        (MIA, thread(reply_count=1, is_staff=True), post(), ""),
        (ANN, thread(is_locked=True), post(), LOCKED),
        (MIA, thread(is_locked=True, is_staff=True), post(), ""),
    ],
)
def test_its_author_and_staff_delete_a_post_that_nobody_answered(actor, of, the_post, reason):
    assert policy.may_delete(actor, of, the_post).reason == reason


STAFF_DID = "Staff deleted it; only staff restore it."


@pytest.mark.parametrize(
    ("actor", "of", "deleted_by", "reason"),
    [
        (ANN, thread(), 2, ""),
        (ANN, thread(), 4, STAFF_DID),
        (GUEST, thread(), None, STAFF_DID),
        (MIA, thread(is_staff=True), 2, ""),
        (ANN, thread(is_archived=True), 2, ARCHIVED),
        (MIA, thread(is_archived=True, is_staff=True), 2, ARCHIVED),
        (ADA, thread(is_archived=True, is_staff=True), 2, ""),
        (ANN, thread(is_locked=True), 2, LOCKED),
        (MIA, thread(is_locked=True, is_staff=True), 2, ""),
    ],
)
def test_who_deleted_it_and_staff_restore_it(actor, of, deleted_by, reason):
    assert policy.may_restore(actor, of, deleted_by=deleted_by).reason == reason


@pytest.mark.parametrize(
    ("actor", "of", "the_post", "reason"),
    [
        (BEN, thread(), post(), ""),
        (GUEST, thread(), post(), "Sign in to mark posts helpful."),
        (ANN, thread(), post(), "Others say whether your post helped."),
        (BEN, thread(), post(deleted_at=NOW), "It is deleted."),
        (BEN, thread(deleted_at=NOW), post(), "It is deleted."),
        (BEN, thread(is_archived=True), post(), ARCHIVED),
        (ADA, thread(is_archived=True), post(), ""),
        (VIC, thread(), post(), "Vendors do not mark posts."),
        (MIA, thread(is_staff=True, is_archived=True), post(), ARCHIVED),
    ],
)
def test_others_but_vendors_mark_a_post_helpful(actor, of, the_post, reason):
    assert policy.may_vote(actor, of, the_post).reason == reason


TO_ADMINISTRATORS = "This category is archived. Write to an administrator if something in it should not stay."


@pytest.mark.parametrize(
    ("actor", "of", "the_post", "reason"),
    [
        (BEN, thread(), post(), ""),
        (VIC, thread(), post(), ""),
        (GUEST, thread(), post(), "Sign in to flag a post."),
        (ANN, thread(), post(), "It is yours: edit or delete it."),
        (BEN, thread(), post(deleted_at=NOW), "It is hidden already."),
        (BEN, thread(deleted_at=NOW), post(), "It is hidden already."),
        (BEN, thread(is_archived=True), post(), TO_ADMINISTRATORS),
        (ADA, thread(is_archived=True), post(), ""),
        (SILENT, thread(), post(author_id=3), SILENCED),
        (SILENT, thread(category_id=6), post(author_id=3), ""),
    ],
)
def test_readers_flag_what_others_wrote(actor, of, the_post, reason):
    assert policy.may_flag(actor, of, the_post).reason == reason


def test_what_is_changed_within_ten_minutes_is_silent_and_staff_accept_after_seven_days():
    assert timedelta(minutes=10) == policy.SILENT_EDIT
    assert timedelta(days=7) == policy.STAFF_ACCEPT_AFTER
