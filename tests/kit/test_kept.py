"""What macros printed is printed again only for the very same values."""

from typing import NamedTuple

import pytest
from jinja2 import DictLoader, Environment

from forum.kit.kept import Kept

CARD = """
{%- macro card(post, may_edit=false) -%}
{% do printed.append(post) %}<b>{{ post.text }}</b>{% if may_edit %}!{% endif %}
{%- endmacro -%}
"""


class Post(NamedTuple):
    text: str
    version: int = 1


@pytest.fixture
def page():
    """Prints a template that has the macro `card`, and says in `printed` for what the macro really ran."""

    printed: list[Post] = []
    kept = Kept(most=100)
    environment = Environment(autoescape=True, loader=DictLoader({"card": CARD}), extensions=["jinja2.ext.do"])
    environment.globals["printed"] = printed
    environment.filters.update(kept=kept, kept_each=kept.each)

    def print_page(template: str, **values: object) -> str:
        return environment.from_string('{% from "card" import card %}' + template).render(**values)

    print_page.printed = printed
    return print_page


def test_the_same_values_are_printed_once(page):
    first = page("{{ card | kept(post) }}", post=Post("<i>"))
    again = page("{{ card | kept(post) }}", post=Post("<i>"))

    assert first == again == "<b>&lt;i&gt;</b>"
    assert page.printed == [Post("<i>")]


def test_anything_that_differs_is_printed_anew(page):
    assert page("{{ card | kept(post) }}", post=Post("a")) == "<b>a</b>"
    assert page("{{ card | kept(post, true) }}", post=Post("a")) == "<b>a</b>!"
    assert page("{{ card | kept(post) }}", post=Post("a", version=2)) == "<b>a</b>"
    assert len(page.printed) == 3


def test_each_is_one_after_the_other_with_the_same_other_values(page):
    posts = [Post("a"), Post("<"), Post("a")]

    assert page("{{ card | kept_each(posts, true) }}", posts=posts) == "<b>a</b>!<b>&lt;</b>!<b>a</b>!"
    assert page.printed == [Post("a"), Post("<")]


def test_a_full_memory_starts_anew(page):
    for text in ("x" * 60, "y" * 60, "x" * 60):
        assert page("{{ card | kept(post) }}", post=Post(text)) == f"<b>{text}</b>"

    assert len(page.printed) == 3


def test_values_that_may_change_are_refused(page):
    with pytest.raises(TypeError):
        page("{{ card | kept(post) }}", post=["a"])
