"""What people may write in a post, and what becomes of it."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis.strategies import characters, lists, sampled_from, text

from forum.kit.highlight import CLASSES, LANGUAGES, highlight
from forum.kit.markdown import render, with_whole_links
from tests.kit.html_check import problems

CODE_CSS = Path(__file__).parents[2] / "static" / "css" / "code.css"
SUNKEN = {"light": "#eef0f3", "dark": "#1d2027"}
MARKS = [
    "[",
    "](",
    ")",
    "![",
    "<",
    ">",
    "`",
    "```",
    "*",
    "_",
    "~~",
    "|",
    "\n",
    "\n\n",
    "- ",
    "- [x] ",
    "1. ",
    "> ",
    "# ",
]
LURES = [
    "javascript:",
    "data:text/html,",
    "&#106;",
    "<script>",
    "onload=",
    "@kim",
    "http://",
    "www.a.b",
    "[a]: ",
    "\x00",
]

sources = lists(sampled_from(MARKS + LURES) | text(characters(codec="utf-8"), max_size=5), max_size=30).map("".join)


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("one\ntwo", "<p>one<br>\ntwo</p>"),
        ("~~gone~~ **bold** *soft*", "<p><s>gone</s> <strong>bold</strong> <em>soft</em></p>"),
        ("3. three", '<ol start="3">\n<li>three</li>\n</ol>'),
        ("> said", "<blockquote>\n<p>said</p>\n</blockquote>"),
        ("<b onclick=x>", "<p>&lt;b onclick=x&gt;</p>"),
        ("a `<b>` c", "<p>a <code>&lt;b&gt;</code> c</p>"),
        ("    code", '<pre tabindex="0"><code>code\n</code></pre>'),
        ("```nonsense\n<b>\n```", '<pre tabindex="0"><code>&lt;b&gt;\n</code></pre>'),
        (
            "``` sql\nSELECT 1\n```",
            '<pre tabindex="0"><code><span class="k">SELECT</span> <span class="m">1</span>\n</code></pre>',
        ),
        ("half \ud83d", "<p>half ?</p>"),
    ],
)
def test_markdown_becomes_html(source, html):
    assert render(source).html.strip() == html


@pytest.mark.parametrize(
    ("source", "href", "words"),
    [
        ("[guide](https://example.org/a)", "https://example.org/a", "guide"),
        ("[thread](/t/7)", "/t/7", "thread"),
        ("[site](www.example.org)", "https://www.example.org", "site"),
        ("see https://example.org/a.", "https://example.org/a", "https://example.org/a"),
        ("see www.example.org", "http://www.example.org", "www.example.org"),
        ("kim@example.org", "mailto:kim@example.org", "kim@example.org"),
        ("<https://example.org>", "https://example.org", "https://example.org"),
        ("![a chart](https://example.org/x.png)", "https://example.org/x.png", "a chart"),
        ("![](https://example.org/x.png)", "https://example.org/x.png", "image"),
        ("[![a chart](/x.png)](/t/7)", "/t/7", "a chart"),
        ("[ ](https://example.org)", "https://example.org", " https://example.org"),
    ],
)
def test_links_and_images_are_plain_links_with_words(source, href, words):
    assert f'<a href="{href}" rel="nofollow ugc noopener">{words}</a>' in render(source).html


@pytest.mark.parametrize(
    "source",
    [
        "setup.py and example.org",
        "[a](javascript:alert(1))",
        "[a](data:image/png;base64,AA)",
        "[a](file:///etc)",
        "[a](&#106;avascript:x)",
        "[a](\x01javascript:x)",
        "[a](JaVaScRiPt:x)",
        "[a](java\tscript:x)",
        "[a](java&Tab;script:x)",
        "[a](vbscript:x)",
        "<vbscript:x>",
        "<javascript:x>",
        "[a]: DATA:text/html,x\n\n[a]",
        "![a](javascript:x)",
        "ftp://example.org",
        "//example.org",
    ],
)
def test_other_addresses_are_not_linked(source):
    assert "<a" not in render(source).html


@pytest.mark.parametrize(
    ("source", "handles"),
    [
        ("@kim", ("kim",)),
        ("Thanks @Kim.Ward.", ("kim.ward",)),
        ("(@ann,@joe-2) *@kim_w* @ann", ("ann", "joe-2", "kim_w")),
        ("# @kim\n\n- [x] @ann\n\n|a|\n|-|\n|@joe|", ("kim", "ann", "joe")),
        ("> @kim asked\n\n@ann knows", ("ann",)),
        ("kim@example.org x@kim @kim@example.org @@kim @k \\@kim @kimé", ()),
        ("`@kim` [@kim](/x) https://example.org/@kim www.example.org/@kim", ()),
        ("```\n@kim\n```\n\n    @kim", ()),
        ("@" + "k" * 39, ("k" * 39,)),
        ("@" + "k" * 40, ()),
    ],
)
def test_members_are_mentioned_by_handle(source, handles):
    assert render(source).mentions == handles


def test_a_mention_links_to_the_member():
    html = render("hi @Kim.Ward!").html

    assert html == '<p>hi <a class="mention" href="/people/kim.ward" rel="nofollow ugc noopener">@Kim.Ward</a>!</p>\n'


@pytest.mark.parametrize(
    ("source", "headings"),
    [
        ("# a\n## b\n### c", ["h3", "h4", "h5"]),
        ("###### a\n# b\n#### c", ["h3", "h3", "h4"]),
        ("# 1\n## 2\n### 3\n#### 4\n##### 5\n###### 6", ["h3", "h4", "h5", "h6", "h6", "h6"]),
        ("#\n\n# \u200b\n\na\n=", ["h3"]),
    ],
)
def test_headings_start_below_the_pages_own_and_skip_no_level(source, headings):
    assert re.findall(r"<(h\d)>", render(source).html) == headings


def test_a_table_scrolls_by_keyboard_and_has_no_inline_style():
    html = render("| |b|c|\n|-|:-:|-:|\n|1|2|3|").html

    assert html.startswith('<div class="table-scroll" role="group" aria-label="Table" tabindex="0"><table>')
    assert '<td></td>\n<th class="cell-center">b</th>\n<th class="cell-right">c</th>' in html
    assert "style" not in html


def test_task_boxes_are_named_and_cannot_be_changed():
    html = render("- [x] done\n- [ ] open").html

    assert html == (
        '<ul class="task-list">\n'
        '<li><input type="checkbox" aria-label="Done" disabled="" checked=""> done</li>\n'
        '<li><input type="checkbox" aria-label="Done" disabled=""> open</li>\n'
        "</ul>\n"
    )


@given(sources)
@settings(deadline=None)
def test_whatever_is_written_the_html_is_safe_and_always_the_same(source):
    rendered = render(source)

    assert problems(rendered.html) == []
    assert rendered == render(source)
    assert all(re.fullmatch(r"[a-z0-9][a-z0-9._-]{1,38}", handle) for handle in rendered.mentions)


@given(sampled_from(sorted(LANGUAGES)), text(max_size=60))
@settings(deadline=None)
def test_coloured_code_keeps_its_letters(language, code):
    coloured = re.sub(r'<span class="(\w+)">|</span>', "", highlight(code, language))

    assert coloured == highlight(code, "no language")


def luminance(colour):
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    darker, lighter = sorted([luminance(one), luminance(other)])
    return (lighter + 0.05) / (darker + 0.05)


def test_every_class_of_code_has_a_readable_colour_in_both_themes():
    css = CODE_CSS.read_text()
    used = dict(re.findall(r"pre \.(\w+) \{ color: var\((--[\w-]+)\)", css))
    colours = {name: pair for name, *pair in re.findall(r"(--code-\w+): light-dark\((#\w+), (#\w+)\)", css)}

    assert set(used) == set(CLASSES.values())
    for name in used.values():
        light, dark = colours[name]
        assert contrast(light, SUNKEN["light"]) >= 4.5, name
        assert contrast(dark, SUNKEN["dark"]) >= 4.5, name


# Read elsewhere, as in the plain text of a mail

SITE = "https://forum.example"
LEADS = [
    "[a](/t/1)",
    "![a](/t/2)",
    "[a]: /t/3",
    "](</t/4>",
    "](//x.example)",
    "[a]",
    "/t/5",
    "](",
    "\n    ",
    "| a |\n|---|\n",
]
HREF = re.compile(r'href="([^"]*)"')


@pytest.mark.parametrize(
    ("source", "whole"),
    [
        ("See [the guide](/t/12).", "See [the guide](https://forum.example/t/12)."),
        ('[a](</t/1 b> "Why")', '[a](<https://forum.example/t/1 b> "Why")'),
        ("[a]: /t/1\n[A]: /t/2\n\n[a]", "[a]: https://forum.example/t/1\n[A]: https://forum.example/t/2\n\n[a]"),
        ("[![a](/i.png)](/t/1)", "[![a](https://forum.example/i.png)](https://forum.example/t/1)"),
        ("> [a](\n> /t/1)", "> [a](\n> https://forum.example/t/1)"),
        (
            "| a | b |\n|---|---|\n| [a](/t/1) | `[a](/t/1)` |",
            "| a | b |\n|---|---|\n| [a](https://forum.example/t/1) | `[a](/t/1)` |",
        ),
    ],
)
def test_links_to_the_site_are_made_whole_for_who_reads_them_elsewhere(source, whole):
    assert with_whole_links(source, SITE) == whole
    assert with_whole_links(whole, SITE) == whole


@pytest.mark.parametrize(
    "source",
    [
        "`[a](/t/1)` and ``[a]( /t/1)``",
        "```\n[a](/t/1)\n[a]: /t/1\n```",
        "Thus:\n\n    [a](/t/1)\n    [a]: /t/1",
        "[a](//x.example) [a](https://x.example/(/t)) [a](#p2) [a](mailto:kim@x.example)",
        "\\[a](/t/1) [a] (/t/1) [a](/t/1",
        "Words, and\n[a]: /t/1",
        "Either/or, 3](/4",
    ],
)
def test_what_is_code_or_no_link_of_the_site_stays_byte_for_byte(source):
    assert with_whole_links(source, SITE) == source


@settings(max_examples=300)
@given(lists(sampled_from(MARKS + LEADS) | text("ab \\`(:", max_size=3), max_size=30).map("".join))
def test_just_those_links_are_whole_that_its_html_has(source):
    whole = with_whole_links(source, SITE)

    there, here = (HREF.findall(render(each).html) for each in (whole, source))
    assert there == [SITE + each if re.match("/(?!/)", each) else each for each in here]
    assert whole.replace(SITE, "") == source
