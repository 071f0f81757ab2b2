"""The wire to Meilisearch: every request as a real server took it, every answer as it gave it."""

import asyncio
import os
import signal
import time

import httpx
import pytest

from forum.kit import meili as kit
from forum.kit.meili import Down, Rejected
from forum.search import meili_index
from forum.search.meili_documents import as_sent, version_name
from forum.search.meili_engine import question, ranked
from forum.search.ranking import MEILI_SETTINGS
from forum.search.types import Key, Limits, Sought, Word
from tests.search.conftest import INDEX
from tests.search.library import DOCUMENTS, EVERYTHING, GROUPS, post
from tests.search.recording import KEY, URL, meili_of

FRESH = f"{INDEX}_fresh"
pytestmark = pytest.mark.xdist_group("meilisearch")  # one index for all
WALNUTS = Sought((Word("walnuts"),), EVERYTHING, ("post",))


async def put(meili, documents, index=INDEX) -> None:
    await meili_index.finished(meili, await meili_index.put(meili, documents, index=index))


async def remove(meili, keys) -> None:
    await meili_index.finished(meili, await meili_index.remove(meili, keys, index=INDEX))


async def kept(meili, index=INDEX) -> dict[str, str]:
    return {name: version async for page in meili_index.names(meili, index=index) for name, version in page.items()}


async def found(meili, index=INDEX) -> list[int]:
    return [key.ref_id for key in (await ranked(meili, [WALNUTS], index=index))[0]]


async def test_health(meili):
    assert await meili.tell("GET", "/health") == {"status": "available"}


async def test_an_index_is_made_with_its_settings_and_is_empty(meili):
    await meili_index.drop(meili, INDEX)
    assert not await meili_index.is_there(meili, index=INDEX)

    await meili_index.prepare(meili, INDEX, GROUPS)

    assert await meili_index.is_there(meili, index=INDEX)
    told = await meili.tell("GET", f"/indexes/{INDEX}/settings")
    assert told["synonyms"] == meili_index.synonyms(GROUPS)
    assert await kept(meili) == {}
    assert await ranked(meili, [WALNUTS], index=INDEX) == [[]]


async def test_what_is_put_is_found_replaced_and_removed(meili):
    await meili_index.prepare(meili, INDEX, [])
    first = post(1, 1, "question", "Walnuts", "A.")
    second = post(2, 2, "question", "More walnuts", "B.")
    await put(meili, [first, second])
    assert await kept(meili) == {each.key.name: version_name(each.version) for each in (first, second)}
    assert await found(meili) == [1, 2]

    changed = post(1, 1, "question", "Almonds", "C.")
    await put(meili, [changed])
    assert await found(meili) == [2]
    assert (await kept(meili))["post-1"] == version_name(changed.version)

    await remove(meili, [second.key, Key("post", 99)])
    assert await found(meili) == []
    assert set(await kept(meili)) == {"post-1"}


async def test_nothing_of_a_replaced_document_stays(meili):
    await meili_index.prepare(meili, INDEX, [])
    await put(meili, [post(1, 1, "reply", "Walnuts", "Almonds")])
    answer = post(1, 1, "answer", "Walnuts", "Pistachios")
    await put(meili, [answer])

    told = await meili.tell("GET", f"/indexes/{INDEX}/documents/post-1")

    assert told == {name: list(each) if isinstance(each, tuple) else each for name, each in as_sent(answer).items()}


async def test_a_fresh_index_takes_the_place_of_the_old_one(meili):
    await meili_index.prepare(meili, INDEX, [])
    await put(meili, [post(1, 1, "question", "Old walnuts", "A.")])
    await meili_index.prepare(meili, FRESH, [])
    await put(meili, [post(2, 2, "question", "New walnuts", "B.")], FRESH)
    assert (await found(meili), await found(meili, FRESH)) == ([1], [2])

    await meili_index.swap(meili, FRESH, index=INDEX)

    assert await found(meili) == [2]
    assert not await meili_index.is_there(meili, index=FRESH)


async def test_a_fresh_index_is_the_first_one_where_there_was_none(meili):
    await meili_index.drop(meili, INDEX)
    await meili_index.prepare(meili, FRESH, [])
    await put(meili, [post(2, 2, "question", "New walnuts", "B.")], FRESH)

    await meili_index.swap(meili, FRESH, index=INDEX)

    assert await found(meili) == [2]


async def test_a_lost_index_that_came_back_by_itself_is_not_the_one_we_want(meili):
    await meili_index.drop(meili, INDEX)
    with pytest.raises(meili_index.Failed, match="index_primary_key_multiple_candidates_found"):
        await put(meili, [post(1, 1, "question", "Walnuts", "A.")])

    assert not await meili_index.is_there(meili, index=INDEX)
    with pytest.raises(Rejected) as refusal:
        await ranked(meili, [WALNUTS], index=INDEX)
    assert refusal.value.code == "invalid_search_filter"


async def test_synonyms_are_changed_while_the_index_stays(meili):
    await meili_index.prepare(meili, INDEX, [("nuts", "walnuts")])
    await put(meili, [post(1, 1, "question", "Nuts", "A.")])
    assert await found(meili) == [1]

    await meili_index.set_synonyms(meili, [("sis", "student information system")], index=INDEX)
    assert await found(meili) == []


async def test_one_request_answers_many_questions_in_their_order(meili):
    await meili_index.prepare(meili, INDEX, [])
    await put(meili, [post(1, 1, "question", "Walnuts", "A."), post(2, 2, "question", "Almonds", "B.")])
    asked = [Sought((Word(word),), EVERYTHING, ("post",)) for word in ("almonds", "zebra", "walnuts")]

    assert await ranked(meili, asked, index=INDEX) == [[Key("post", 2, 2)], [], [Key("post", 1, 1)]]
    assert await ranked(meili, [], index=INDEX) == []


async def test_a_single_search_tells_ids_and_nothing_else(meili):
    await meili_index.prepare(meili, INDEX, [])
    await put(meili, [post(1, 1, "question", "Walnuts", "A secret.")])
    asked = {name: value for name, value in question(WALNUTS, INDEX).items() if name != "indexUid"}
    asked |= {"attributesToRetrieve": ["*"], "attributesToHighlight": ["*"], "attributesToCrop": ["*"]}

    told = await meili.ask(f"/indexes/{INDEX}/search", asked)

    assert told["hits"] == [{"id": "post-1", "group": 1, "_formatted": {"id": "post-1", "group": "1"}}]


async def test_an_index_that_is_not_there_is_said_so(meili):
    await meili_index.drop(meili, INDEX)

    with pytest.raises(Rejected) as refusal:
        await ranked(meili, [WALNUTS], index=INDEX)
    assert refusal.value.code == "index_not_found"
    assert not meili.is_resting


async def test_a_wrong_key_is_refused():
    meili = meili_of("a_wrong_key_is_refused", key="another-key-made-up")

    for asking in (
        lambda: ranked(meili, [WALNUTS], index=INDEX),
        lambda: meili_index.put(meili, DOCUMENTS[:1], index=INDEX),
        lambda: meili_index.is_there(meili, index=INDEX),
    ):
        with pytest.raises(Rejected) as refusal:
            await asking()
        assert refusal.value.code == "invalid_api_key"
    await meili.aclose()


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("/multi-search", {"queries": [{"indexUid": INDEX, "q": "", "filter": "kind IN ["}]}, "invalid_search_filter"),
        ("/multi-search", {"queries": [{"indexUid": INDEX, "q": "", "filter": "title = x"}]}, "invalid_search_filter"),
        ("/multi-search", {"queries": [{"indexUid": INDEX, "q": "", "sort": ["worth:asc"]}]}, "invalid_search_sort"),
        ("/multi-search", {"queries": [{"indexUid": INDEX, "limit": -1}]}, "invalid_search_limit"),
        ("/multi-search", {"questions": []}, "bad_request"),
        ("/nothing", {}, "status_404"),
    ],
    ids=["open", "unfilterable", "unsortable", "limit", "unknown", "nowhere"],
)
async def test_a_bad_question_is_refused(meili, path, body, code):
    await meili_index.prepare(meili, INDEX, [])

    with pytest.raises(Rejected) as refusal:
        await meili.ask(path, body)

    assert refusal.value.code == code


async def test_a_task_that_fails_says_why(meili):
    await meili_index.prepare(meili, INDEX, [])
    made = await meili.tell("POST", "/indexes", {"uid": INDEX})
    swapped = await meili.tell("POST", "/swap-indexes", [{"indexes": [INDEX, "staffroom_nowhere"]}])
    told = await meili.tell("POST", f"/indexes/{INDEX}/documents", [{"id": "no/id"}])
    failures = []
    for answer in (made, swapped, told):
        with pytest.raises(meili_index.Failed) as failure:
            await meili_index.finished(meili, [answer["taskUid"]])
        failures.append(failure.value.code)

    assert failures == ["index_already_exists", "index_not_found", "invalid_document_id"]
    await meili_index.finished(meili, [made["taskUid"]], but=("index_already_exists",))


async def test_a_hostile_value_is_only_a_value_of_its_filter(meili):
    await meili_index.prepare(meili, INDEX, [])
    hostile = [
        '"] OR kind = "post',
        "'",
        '"',
        "\\",
        '\\"',
        "a, b",
        "\n\t\x00",
        "\\u{22}",
        "] OR [",
        "café 🦀",
        "_geoRadius(1,2,3)",
    ]
    documents = [post(n, n, "question", "Walnuts", "A.", topics=(topic,)) for n, topic in enumerate(hostile, 1)]
    await put(meili, documents)

    asked = [Sought((Word("walnuts"),), EVERYTHING, ("post",), Limits(topics=(topic,))) for topic in hostile]

    assert [[key.ref_id for key in keys] for keys in await ranked(meili, asked, index=INDEX)] == [
        [number] for number in range(1, len(hostile) + 1)
    ]


async def test_hostile_words_find_nothing_and_break_nothing(meili):
    await meili_index.prepare(meili, INDEX, [])
    await put(meili, [post(1, 1, "question", "Walnuts", "A.")])
    hostile = [
        '"',
        '"""',
        "zebra' OR 1=1",
        "\\",
        "zebra " * 500,
        "-" * 200,
        "- (" * 60,
        "zebra\x00",
        "\u202ezebra",
        "😀" * 50,
    ]

    for text in hostile:
        words = tuple(Word(part) for part in text.split())
        for each in (words, (Word(text, is_phrase=True),), (Word("zebra"), Word(text, is_left_out=True))):
            (keys,) = await ranked(meili, [Sought(each, EVERYTHING, ("post",))], index=INDEX)
            assert keys in ([], [Key("post", 1, 1)])
            assert not keys or "zebra" not in text


async def test_while_it_hangs_a_search_waits_150_ms(meili, monkeypatch):
    """The server's process is stopped, so the connection is taken and nothing is said."""
    needs_our_own_server()
    await meili.ask("/multi-search", {"queries": []})
    monkeypatch.setattr(kit, "SECONDS_TO_ASK", 0.15)
    if URL:
        os.kill(int(os.environ["MEILI_PID"]), signal.SIGSTOP)
    try:
        for _ in range(2):
            began = time.monotonic()
            with pytest.raises(Down, match="in time"):
                await meili.ask("/multi-search", {"queries": []})
            assert 0.1 < time.monotonic() - began < 1
        assert meili.is_resting
    finally:
        if URL:
            os.kill(int(os.environ["MEILI_PID"]), signal.SIGCONT)


async def test_it_says_503_to_searches_that_would_wait_too_long(meili):
    """It does one thing at a time here and lets one wait; others are pressing, until one of ours is sent away."""
    needs_our_own_server()
    others = [asyncio.create_task(press()) for _ in range(6)] if URL else []
    with pytest.raises(Down, match="503"):
        await until_refused(meili)
    for other in others:
        other.cancel()
    await asyncio.gather(*others, return_exceptions=True)


def needs_our_own_server() -> None:
    if URL and "MEILI_PID" not in os.environ:
        pytest.skip("only tests.search.record starts a server that may be treated so")


async def until_refused(meili) -> None:
    while True:
        await meili.tell("POST", "/multi-search", {"queries": []})


async def press() -> None:
    """Search without end and without being recorded."""
    async with httpx.AsyncClient(base_url=URL, headers={"authorization": f"Bearer {KEY}"}) as client:
        while True:
            await client.post("/multi-search", json={"queries": [{"indexUid": INDEX, "q": "a"}] * 50})


async def test_settings_are_told_back_as_they_were_set(meili):
    await meili_index.prepare(meili, INDEX, [])
    told = await meili.tell("GET", f"/indexes/{INDEX}/settings")

    assert told.keys() > MEILI_SETTINGS.keys()
    assert told["rankingRules"] == MEILI_SETTINGS["rankingRules"]
    assert told["searchableAttributes"] == MEILI_SETTINGS["searchableAttributes"]
