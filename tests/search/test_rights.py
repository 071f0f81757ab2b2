"""Nobody is told of what they may not read: not by hits, counts, facets, suggestions, corrections or sentences.

Each test asks for something hidden and for something that never was, and whoever may not read the one is answered the
same twice.
"""

from functools import partial

import pytest

from forum.members.types import Actor
from forum.search import postgres_engine
from forum.search.finding import find, find_instantly
from forum.search.likeness import alike
from forum.search.parsing import parse
from forum.threads.similar import similar_threads
from tests.factories import sign_in_as
from tests.search.hidden import HIDDEN, MISSING, TITLE, Scene, a_scene, every_key, hide

WORDS = (
    "{0}",
    "{1}",  # a letter left out
    "{2}",  # swapped with its neighbour
    '"the {0}"',
    "{0} sleep",
    "zoo {0}",
    "-{0} timetable",
    "category:room-{0}",
    'category:"Room {0}"',
    "timetable category:room-{0}",
    "topic:of-{0}",
    "kind:topic {0}",
    "is:unanswered {0}",
    "by:writer {0}",
    "product:glowlamp {0}",
)


@pytest.fixture(params=["up to date", "behind", "telling everything"])
async def scene(request, db, indexed, monkeypatch) -> Scene:
    """What is hidden, with an engine that knows; that has not heard of it yet; or that tells everything there is."""
    made = await a_scene(db)
    if request.param == "behind":
        await indexed()
    await hide(db)
    if request.param == "up to date":
        await indexed()
    if request.param == "telling everything":
        monkeypatch.setattr(postgres_engine, "ranked", every_key)
    return made


async def answers(tools, actor: Actor, word: str) -> list[str]:
    """Everything that is said to somebody who asks for a word, with the word itself left open."""
    asks = partial(alike, tools)
    said: list[object] = []
    for text in WORDS:
        text = text.format(word, word[:2] + word[3:], word[:2] + word[3] + word[2] + word[4:])
        said.append(await find(tools, actor, parse(text)))
        said.append(await find_instantly(tools, actor, parse(text, is_typing=True)))
    said += [await find_instantly(tools, actor, parse(word[:start], is_typing=True)) for start in (3, 4)]
    said.append(await similar_threads(tools.db, actor, f"{TITLE} {word}", asks))
    return [open_word(said_now, word) for said_now in map(repr, said)]


def open_word(said: str, word: str) -> str:
    for start in range(len(word), 1, -1):
        said = said.replace(f"'{word[:start]}'", "'WORD'").replace(f"={word[:start]}'", "=WORD'")
    for form in (word, word[:2] + word[3:], word[:2] + word[3] + word[2] + word[4:]):
        said = said.replace(form, "WORD")
    return said


async def test_what_somebody_may_not_read_is_as_if_it_never_was(request, tools, scene):
    is_honest = "everything" not in request.node.name
    for who, actor in scene.people.items():
        never_was = await answers(tools, actor, MISSING)
        for word, (_, readers) in HIDDEN.items():
            said = zip(await answers(tools, actor, word), never_was, strict=True)
            told = sum(one != other for one, other in said)
            if who not in readers:
                assert (who, word, told) == (who, word, 0)
            elif is_honest:
                assert told >= 10, (who, word)


async def test_no_page_shows_a_word_of_what_its_reader_may_not_read(db, web, scene):
    pages = [f"/t/{scene.beside}", f"/products/{scene.product}", "/search/instant?q=", "/search/instant?q=time"]
    pages += [f"/search?q={words}" for words in ("timetable", "kind:topic+of", "kind:question", "sleep+house", "zoo")]
    pages += ["/search?q=by:writer", f"/ask/similar?title={TITLE}", "/search?q=product:glowlamp"]
    for who, actor in scene.people.items():
        web.cookies.clear()
        if actor.id and who != "suspended":
            await sign_in_as(web, db, actor)
        texts = {page: (await web.get(page)).text for page in pages}

        seen = {word: [page for page in pages if word in texts[page]] for word in HIDDEN}

        shut = [word for word, (_, readers) in HIDDEN.items() if who not in readers]
        assert {word: seen[word] for word in shut if seen[word]} == {}, who
        assert len(seen["giraffe"]) > 3, who
