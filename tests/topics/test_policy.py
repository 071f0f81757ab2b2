"""Who may change topics, case by case."""

from forum.members.types import GUEST, Actor
from forum.topics.policy import may_merge


def test_only_administrators_merge_topics():
    moderator, admin = Actor(4, role="member", moderates=frozenset({5})), Actor(1, role="admin")

    reasons = [may_merge(who).reason for who in (admin, moderator, GUEST)]

    assert reasons == ["", *["Only administrators merge topics."] * 2]
