"""Stories of moves for tests: name only what the test is about."""

from forum.kit.db import value
from forum.products import stories
from forum.products.story_types import StoryDraft
from tests.products.reviews import a_reviewer


def a_story_draft(moved_from, regret=2, **fields) -> StoryDraft:
    """A story of a move from the product at that address."""
    return StoryDraft(moved_from, **{"regret": regret, "went_well": "The pilot schools helped."} | fields)


async def a_story(db, moved_from, moved_to, *, by=None, **fields) -> int:
    """A story by a member of a district of their own; returns its id."""
    by = by or await a_reviewer(db)
    await stories.tell(db, by, moved_to, a_story_draft(moved_from, **fields))
    return await value(db, "SELECT max(s.id) FROM switch_story s WHERE s.member_id = :id", id=by.id)
