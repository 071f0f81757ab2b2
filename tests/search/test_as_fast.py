"""What somebody may not read is missed as fast as what is not there, also by an engine that is behind."""

import pytest

from forum.kit.db import run
from forum.search.finding import find, find_instantly
from forum.search.parsing import parse
from tests.factories import a_category, a_member, a_thread
from tests.timing import assert_take_the_same_time


@pytest.fixture(params=["up to date", "behind"])
async def reader(request, db, indexed):
    """A member who reads none of the otters; there are no badgers."""
    slug = await a_category(db, slug="otter")
    writer = await a_member(db, name="Otter", moderates=[slug])
    for number in range(40):
        await a_thread(db, category=slug, author=writer, title=f"The otter house {number}", topics="otter")
    await a_thread(db, title="The zoo and its house")
    if request.param == "behind":
        await indexed()
    await run(db, "UPDATE category SET read_by = 'staff' WHERE slug = 'otter'")
    await run(db, "UPDATE member SET state = 'suspended' WHERE name = 'Otter'")
    if request.param == "up to date":
        await indexed()
    return await a_member(db)


@pytest.mark.parametrize("text", ["{}", "house {}", "house category:{}", "topic:{}", "by:{}"])
@pytest.mark.parametrize(("search", "is_typing"), [(find, False), (find_instantly, True)], ids=["page", "key"])
async def test_what_is_hidden_is_missed_as_fast_as_what_is_not_there(tools, reader, text, search, is_typing):
    async def ask(word: str) -> None:
        await search(tools, reader, parse(text.format(word), is_typing=is_typing))

    await assert_take_the_same_time(tools.db, lambda n: ask("otter"), lambda n: ask("badger"))
