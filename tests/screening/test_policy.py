"""Who decides which words are watched, case by case."""

import pytest

from forum.kit.errors import NotFound
from forum.members.types import GUEST, Actor
from forum.screening.policy import may_watch, require_watcher

ADA, MIA = Actor(1, role="admin"), Actor(4, role="member", moderates=frozenset({5}))
SITE, HERE = "Only administrators watch words on the whole site.", "Only its moderators watch words in this category."
CASES = [
    *((ADA, None, ""), (ADA, 6, ""), (MIA, 5, "")),
    *((MIA, None, SITE), (GUEST, None, SITE), (MIA, 6, HERE), (GUEST, 5, HERE)),
]


@pytest.mark.parametrize(("actor", "category_id", "reason"), CASES)
def test_words_are_watched_by_staff_of_the_place(actor, category_id, reason):
    assert may_watch(actor, category_id).reason == reason


@pytest.mark.parametrize(("actor", "category_id", "reason"), CASES)
def test_a_word_of_another_place_is_as_if_it_were_not_there(actor, category_id, reason):
    if reason:
        with pytest.raises(NotFound):
            require_watcher(actor, category_id)
    else:
        require_watcher(actor, category_id)
