"""Who may announce, change and go to events, with each sentence of refusal."""

from datetime import UTC, date, datetime, timedelta

import pytest

from forum.categories.policy import ARCHIVED, SILENCED, VENDORS_REPLY
from forum.events.policy import may_announce, may_change, may_come
from forum.events.types import Event
from forum.members.types import GUEST, Actor
from forum.threads.types import PostSource
from tests.threads.test_policy import thread

NOW = datetime(2027, 1, 2, 3, 4, tzinfo=UTC)
ANN, BOB = Actor(1, role="member"), Actor(2, role="member")
STAFF, ADMIN = Actor(3, role="member", moderates=frozenset({7})), Actor(4, role="admin")
VIC = Actor(5, role="vendor")


def event(**changes) -> Event:
    plain = Event(
        post_id=1,
        thread_id=1,
        slug="x",
        number=1,
        title="X",
        category_slug="c",
        category_name="C",
        category_colour="#000000",
        starts_at=NOW + timedelta(hours=1),
        ends_at=NOW + timedelta(hours=2),
        starts_on=date(2027, 1, 2),
        time_zone="UTC",
        place="",
        link="",
        is_cancelled=False,
        version=1,
        changed_at=NOW,
        guests=0,
        is_coming=False,
        now=NOW,
        reader_zone="",
    )
    return plain._replace(**changes)


def opening(author_id=1) -> PostSource:
    return PostSource(1, 1, 1, "markdown", "", 1, author_id, "", "", NOW, None, None)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"guests": 1}, "1 person is coming"),
        ({"guests": 5}, "5 people are coming"),
        ({"guests": 5, "is_cancelled": True}, "5 people wanted to come"),
        ({"guests": 1, "ends_at": NOW}, "1 person wanted to come"),
    ],
)
def test_how_many_come_or_wanted_to(changes, words):
    assert event(**changes).guest_words == words


@pytest.mark.parametrize(
    ("actor", "reason"), [(GUEST, "Sign in to announce an event."), (VIC, VENDORS_REPLY), (ANN, ""), (ADMIN, "")]
)
def test_who_may_announce(actor, reason):
    assert may_announce(actor).reason == reason


@pytest.mark.parametrize(
    ("actor", "of", "what", "reason"),
    [
        (ANN, thread(kind="event"), event(), ""),
        (ANN, thread(kind="event"), None, ""),
        (ANN, thread(kind="discussion"), event(), ""),
        (ANN, thread(kind="discussion"), None, "Only a thread that announces something has a time and a place."),
        (BOB, thread(kind="event"), event(), "Only its author and staff edit a post."),
        (GUEST, thread(kind="event"), event(), "Sign in to edit."),
        (ANN, thread(kind="event", is_locked=True), event(), "This thread is locked."),
        (ANN, thread(kind="event", is_archived=True), event(), ARCHIVED),
        (Actor(1, role="member", silenced_in=frozenset({0})), thread(kind="event"), event(), SILENCED),
        (STAFF, thread(kind="event", is_staff=True, is_locked=True), event(), ""),
    ],
)
def test_who_may_change_it(actor, of, what, reason):
    assert may_change(actor, of, opening(), what).reason == reason


@pytest.mark.parametrize(
    ("actor", "of", "what", "reason"),
    [
        (BOB, thread(), event(), ""),
        (ANN, thread(), event(), ""),
        (GUEST, thread(), event(), "Sign in to say that you come."),
        (VIC, thread(lets_vendors_in=True), event(), "Members say here whether they come."),
        (BOB, thread(), event(ends_at=NOW), "It is over."),
        (BOB, thread(), event(starts_at=NOW - timedelta(hours=1)), ""),
        (BOB, thread(), event(is_cancelled=True), "It is canceled."),
        (BOB, thread(is_archived=True), event(), ARCHIVED),
        (ADMIN, thread(is_archived=True), event(), ""),
        (BOB, thread(is_locked=True), event(), ""),
    ],
)
def test_who_may_come(actor, of, what, reason):
    assert may_come(actor, of, what).reason == reason
