"""Posts written to break the forum: nothing runs, nothing hangs."""

import json
from contextlib import suppress

import pytest

from forum.kit import markdown
from forum.kit.errors import Invalid
from forum.kit.markdown import render, render_safely, with_whole_links, with_whole_links_safely
from forum.kit.sandbox import Sandbox
from tests.hostile import HOSTILE, attacks
from tests.kit.html_check import problems
from tests.pace import within
from tests.real_data import needs_data

LENGTH = 30_000


def vectors():
    """The hostile strings of the four collections, without the 4,210 that only name one entity each."""
    yield from attacks()
    for path in sorted((HOSTILE / "html5lib-tests" / "tokenizer").glob("[!n]*.test")):
        for case in json.loads(path.read_text()).get("tests", []):
            yield case["input"]


def posts(vector):
    """Posts with such a string, by itself and wherever else it may stand."""
    yield vector
    yield (
        f"[x]({vector}) ![x](<{vector}>) [x][y] @{vector} `{vector}`\n\n[y]: {vector}\n\n"
        f"|{vector}|\n|-|\n|{vector}|\n\n```{vector}\n{vector}\n```\n\n```html\n{vector}\n```"
    )


@needs_data
def test_no_known_attack_gets_through():
    found = [
        (source, bad) for vector in vectors() for source in posts(vector) if (bad := problems(render(source).html))
    ]

    assert found == []


@needs_data
def test_all_collections_of_attacks_are_read():
    assert sum(1 for _ in vectors()) > 2500


def filled(unit):
    return unit * (LENGTH // len(unit))


TANGLES = {
    "brackets": filled("["),
    "images": filled("!["),
    "stars in brackets": filled("*["),
    "nested links": "[" * 15_000 + "](a)" * 3_750,
    "nested images": "![" * 10_000 + "](a)" * 2_500,
    "emphasis": filled("*a_ "),
    "ticks": " ".join("`" * length for length in range(1, 244)),
    "quotes": filled("> "),
    "lazy quotes": ">" * 200 + "a\n" * 14_900,
    "lists": "\n".join(" " * (2 * depth) + "- a" for depth in range(170)),
    "task lists": filled("- [ ] x\n"),
    "empty cells": "|a" * 100 + "\n" + "|-" * 100 + "\n" + "a\n" * 500,
    "small tables": filled("a|b\n-|-\n"),
    "comments": filled("<!--"),
    "declarations": filled("<![CDATA["),
    "addresses": filled("http://a.b/("),
    "slashes": filled("://"),
    "mail addresses": filled("a@b.co "),
    "mentions": filled("@ab "),
    "references": "".join(f"[{n}]: a\n[{n}]" for n in range(1_800)),
    "code": "```php\n" + "<?php a(1)" * 900 + "\n```\n```html\n" + "<a " * 3_300 + "\n```",
}


@pytest.mark.parametrize("source", TANGLES.values(), ids=TANGLES.keys())
async def test_a_tangled_post_is_rendered_or_refused_in_time(source):
    assert len(source) <= LENGTH
    html = ""
    with within(0.5), suppress(Invalid):  # the event loop's share
        html = (await render_safely(source)).html

    assert problems(html) == []


async def test_short_tangled_posts_do_not_hold_up_the_others():
    for tangle in TANGLES.values():
        with within(0.5), suppress(Invalid):  # for a table of 65,000 cells in 2 KB
            await render_safely(tangle[: markdown.SMALL_CHARS])


async def test_a_post_that_takes_too_long_is_refused_with_advice(monkeypatch):
    impatient = Sandbox("forum.kit.markdown:render_json", cpu_seconds=0.1)
    monkeypatch.setattr(markdown, "_SANDBOX", impatient)
    with pytest.raises(Invalid) as refusal:
        await render_safely(TANGLES["lazy quotes"])
    impatient.close()

    assert refusal.value.fields == {"body": markdown.TANGLED}


async def test_a_post_that_swells_is_refused_with_advice(monkeypatch):
    monkeypatch.setattr(markdown, "MAX_HTML_CHARS", 100_000)
    with pytest.raises(Invalid) as refusal:
        await render_safely("@ab " * 2_000)

    assert refusal.value.fields == {"body": markdown.TANGLED}


@pytest.mark.parametrize("source", ["short", "long " * 1000, "```sql\nSELECT 1\n```"])
async def test_a_child_renders_the_same_as_we_do(source):
    assert await render_safely(source) == render(source)


@pytest.fixture(autouse=True, scope="module")
def no_child_is_left():
    yield
    markdown.close()


# The links of a post, made whole for who reads it elsewhere

SITE = "https://forum.example"
LEADING = {
    "links in brackets": filled("[[a](/"),
    "pictures": filled("![a](/"),
    "links": filled("[a](/t/1) "),
    "names of links": filled("[a]: /t\n"),
    "after brackets": filled("[[a](")[:-10] + "[a](/t/1)",
}


@pytest.mark.parametrize("source", LEADING.values(), ids=LEADING.keys())
async def test_links_of_a_tangled_post_are_made_whole_or_left_in_time(source):
    with within(0.5):  # the event loop's share
        whole = await with_whole_links_safely(source, SITE)

    assert whole.replace(SITE, "") == source


async def test_links_that_take_too_long_to_tell_stay_as_they_are(monkeypatch):
    impatient = Sandbox("forum.kit.markdown:with_whole_links_json", cpu_seconds=0.1)
    monkeypatch.setattr(markdown, "_LINKING", impatient)
    source = LEADING["links in brackets"]

    assert await with_whole_links_safely(source, SITE) == source
    impatient.close()


@pytest.mark.parametrize(
    "source", ["[a](/t/1)", "long " * 1000, "long " * 1000 + "[a](/t/1)", "```\n[a](/t)\n```\n[a](/t)"]
)
async def test_a_child_makes_the_same_links_whole_as_we_do(source):
    assert await with_whole_links_safely(source, SITE) == with_whole_links(source, SITE)
