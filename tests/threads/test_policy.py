"""Who may act on a thread or post they can see, case by case."""

from datetime import UTC, datetime, timedelta

import pytest

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

ARCHIVED = "This category is archived: it stays to be read, and nobody writes in it anymore."
WHERE_NAMED = "You may reply where a product of yours is named."
IN_A_REVIEW = "Answer a review with its own button, once each."
DELETED, LOCKED = "This thread is deleted.", "This thread is locked."
SILENCED = "You may read here, but not write for now. Staff told you why by email."


def thread(**changes) -> Thread:
    """A question of Ann's in category 5, as an ordinary member sees it."""
    plain = {
        **{"id": 1, "category_id": 5, "author_id": 2, "kind": "question", "title": "How?", "slug": "how"},
        **{"is_locked": False, "is_pinned": False, "reply_count": 0, "last_number": 1, "accepted_post_id": None},
        **{"accepted_number": None, "accepted_name": None, "created_at": NOW, "deleted_at": None, "deleted_by": None},
        **{"delete_reason": "", "category_slug": "c", "category_name": "C", "category_colour": "#49606b"},
        **{"author_name": "Ann", "author_handle": "ann", "reply_by": "members", "reply_groups": ()},
        **{"lets_vendors_in": False, "is_archived": False, "is_staff": False, "topics": (), "read_number": 0},
        **{"duplicate_of_id": None, "slow_seconds": 0, "wait_seconds": 0, "keeps_vendors_out": False},
        **{"names_reader": False, "vendor_id": None, "names_own_product": False, "has_event": False},
    }
    return Thread(**plain | changes)


def post(**changes) -> PostSource:
    """Ann's opening post."""
    plain = {
        **{"id": 1, "thread_id": 1, "number": 1, "format": "markdown", "source": "How?", "version": 1, "author_id": 2},
        **{"author_handle": "ann", "author_name": "Ann", "created_at": NOW, "deleted_at": None, "deleted_by": None},
    }
    return PostSource(**plain | changes)


def test_guests_write_nothing():
    assert [policy.may_write(who).reason for who in (GUEST, ANN)] == ["Sign in to write.", ""]


@pytest.mark.parametrize(
    ("actor", "of", "reason"),
    [
        (ANN, thread(), ""),
        (GUEST, thread(), "Sign in to reply."),
        (MIA, thread(is_staff=True, deleted_at=NOW), DELETED),
        (VIC, thread(), "Vendors do not reply in this category."),
        (VIC, thread(lets_vendors_in=True), WHERE_NAMED),
        (VIC, thread(lets_vendors_in=True, names_own_product=True), ""),
        (VIC, thread(lets_vendors_in=True, names_own_product=True, is_locked=True), LOCKED),
        (VIC, thread(lets_vendors_in=True, names_own_product=True, kind="review"), ""),
        (VIC, thread(lets_vendors_in=True, names_own_product=True, vendor_id=9), ""),
        (VIC, thread(lets_vendors_in=True, names_own_product=True, kind="review", vendor_id=9), IN_A_REVIEW),
        (ANN, thread(lets_vendors_in=True, kind="review", vendor_id=9), ""),
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


BEGAN = "Only who began the thread and staff say whether vendors read it."


@pytest.mark.parametrize(
    ("actor", "of", "reason"),
    [
        *MODERATING,
        (ANN, thread(), ""),
        (ANN, thread(is_locked=True), ""),
        (BEN, thread(), BEGAN),
        (GUEST, thread(), BEGAN),
        (GUEST, thread(author_id=None), BEGAN),
        (VIC, thread(author_id=6), BEGAN),
        (ANN, thread(deleted_at=NOW), DELETED),
        (ANN, thread(is_archived=True), ARCHIVED),
    ],
)
@pytest.mark.parametrize("out", [True, False])
def test_who_began_a_thread_and_staff_say_whether_vendors_read_it(actor, of, reason, out):
    assert policy.may_choose_vendors(actor, of, out=out).reason == reason


def test_what_others_said_without_vendors_is_opened_to_them_by_staff_alone():
    answered = thread(reply_count=1)

    assert policy.may_choose_vendors(ANN, answered, out=True)
    refusal = policy.may_choose_vendors(ANN, answered, out=False)
    assert refusal.reason == "Others have replied where no vendor reads. Ask staff to let vendors in."
    assert policy.may_choose_vendors(MIA, thread(reply_count=1, is_staff=True), out=False)


OUT, OPENS = (
    {"keeps_vendors_out": True},
    "Vendors would read there what is kept from them here. Keep them out of the other thread first.",
)


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        ({}, {}, ""),
        ({}, OUT, ""),
        (OUT, OUT, ""),
        (OUT, {}, OPENS),
        (OUT, {"vendor_id": 9}, OPENS),
        ({"vendor_id": 9}, {"vendor_id": 9}, ""),
        ({"vendor_id": 9}, {"vendor_id": 8}, OPENS),
        ({"vendor_id": 9}, {}, OPENS),
        ({"vendor_id": 9}, OUT, ""),
        ({}, {"vendor_id": 9}, ""),
    ],
)
def test_posts_go_only_where_no_more_vendors_read_them(one, other, reason):
    assert policy.may_join(thread(**one), thread(**other)).reason == reason


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
        (MIA, thread(is_staff=True), post(format="mail"), "An email of the archive stays as it was sent."),
        (ANN, thread(), post(format="form"), "It was written in a form, and is changed there."),
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
