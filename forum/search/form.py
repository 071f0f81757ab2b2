"""The form of the search page: its fields are filters, as text in the box is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from forum.categories.types import Category
from forum.kit.http import plain
from forum.search.found_types import Filter, Typed
from forum.search.parsing import parse, with_filter, without
from forum.search.pieces import KIND_WORDS, NAMES, STATES

ANY = ("", "Any")
AFTER = (("30d", "The last 30 days"), ("6m", "The last 6 months"), ("1y", "The last year"), ("3y", "The last 3 years"))
Choices = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class SearchForm:
    """The box and the fields, with what is in them, and what a field may be chosen from."""

    words: str
    values: dict[str, str]
    categories: Choices
    kinds: Choices
    states: Choices
    times: Choices


def asked_in(query: Mapping[str, str]) -> Typed:
    """What the form asks: its box, and each field that says something as a filter."""
    text = plain(query.get("q", ""))
    typed = parse(text)
    for name in NAMES:
        if given := plain(query.get(name, "")).strip():
            text = with_filter(parse(text), Filter(name, given))
    whole = parse(text)
    problems = tuple(dict.fromkeys([*typed.problems, *whole.problems]))
    return Typed(whole.text, whole.words, whole.filters, problems)


def form_for(typed: Typed, categories: Sequence[Category]) -> SearchForm:
    """The form that asks the same: the first filter of each name in its field, all else in the box."""
    values = dict.fromkeys(NAMES, "")
    box = typed
    for each in typed.filters:
        value = _slug(each.value, categories) if each.name == "category" else each.value
        if value and not values[each.name]:
            values[each.name] = value
            box = parse(without(box, each))
    times = [ANY, *AFTER]
    if values["after"] and values["after"] not in dict(times):
        times.append((values["after"], values["after"]))
    return SearchForm(
        words=box.text,
        values=values,
        categories=[ANY, *((each.slug, each.name) for each in categories)],
        kinds=[ANY, *((kind, kind.capitalize()) for kind in KIND_WORDS)],
        states=[ANY, *((state, state.capitalize()) for state in STATES)],
        times=times,
    )


def _slug(value: str, categories: Sequence[Category]) -> str:
    """The category's place in addresses, by that or by its name; "" where there is none for this reader."""
    sought = value.casefold()
    return next((each.slug for each in categories if sought in (each.slug, each.name.casefold())), "")
