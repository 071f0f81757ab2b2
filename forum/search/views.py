"""HTTP of the search room: the page of results, and what the overlay shows while somebody types."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forum.kit.errors import Verdict
from forum.kit.http import db_of, fragment, plain, query_int, render, tools_of
from forum.search.actions import actions
from forum.search.asking import note_asked
from forum.search.finding import find, find_instantly
from forum.search.form import SearchForm, asked_in, form_for
from forum.search.found_types import Instant, Results, Section
from forum.search.parsing import parse
from forum.search.policy import may_save

LAST_PAGE, LONGEST_TITLE = 50, 200
# What a hit is called that is no thread, by its kind.
LABELS = {
    "review": "Review",
    "product": "Product",
    "vendor": "Vendor",
    "topic": "Topic",
    "person": "Person",
}


@dataclass(frozen=True)
class SearchPage:
    """What was asked and what was found. ask_path: the form for a question of these words."""

    results: Results
    form: SearchForm
    problems: Sequence[str]
    ask_path: str
    labels: dict[str, str]
    may_save: Verdict

    @property
    def is_asked(self) -> bool:
        """Whether there was something to look for."""
        return bool(self.results.typed.words or self.results.typed.filters)


@dataclass(frozen=True)
class InstantPage:
    """The overlay's rows: what was found so far, what one may do, and where else to go with these words."""

    found: Instant
    sections: Sequence[Section]
    words: str
    problems: Sequence[str]
    ask_path: str
    labels: dict[str, str]


async def results(request: Request) -> Response:
    """A page of what is found for the box and the fields."""
    typed = asked_in(request.query_params)
    number = query_int(request, "page", 1)
    page = number if 1 <= number <= LAST_PAGE else 1
    found = Results(typed)
    if typed.words or typed.filters:
        found = await find(tools_of(request), request.state.actor, typed, page=page)
    if page == 1 and not typed.filters:
        await note_asked(db_of(request), found.words, found.with_all)
    shown = SearchPage(
        results=found,
        form=form_for(typed, request.state.reader.categories),
        problems=list(dict.fromkeys([*typed.problems, *found.problems])),
        ask_path=_ask_path(found.words),
        labels=LABELS,
        may_save=may_save(request.state.actor),
    )
    return render(request, "search/results.html", shown)


async def instant(request: Request) -> Response:
    """The overlay's rows for what is typed so far."""
    actor = request.state.actor
    typed = parse(plain(request.query_params.get("q", "")), is_typing=True)
    found = Instant(typed)
    if typed.words or typed.filters:
        found = await find_instantly(tools_of(request), actor, typed)
    words = Results(typed).words
    page = InstantPage(
        found=found,
        sections=[each for each in (*found.sections, actions(actor, typed)) if each.hits],
        words=words,
        problems=list(dict.fromkeys([*typed.problems, *found.problems])),
        ask_path=_ask_path(words),
        labels=LABELS,
    )
    return fragment(request, "search/instant.html", page)


def _ask_path(words: str) -> str:
    return f"/ask?title={quote(words[:LONGEST_TITLE])}" if words else "/ask"


routes = [Route("/search", results), Route("/search/instant", instant)]
