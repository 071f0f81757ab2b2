"""HTTP of the weekly page: six charts drawn on the server, each with its table."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forum.categories import queries as categories
from forum.kit.charts import Chart, bar_chart
from forum.kit.days import of_its_year
from forum.kit.errors import NotFound
from forum.kit.http import db_of, render
from forum.members.policy import require_staff
from forum.members.types import Actor
from forum.moderation.health import Week, weeks


@dataclass(frozen=True)
class HealthPage:
    """Half a year of the categories this reader moderates. places: (slug, name) to choose from; category: a slug."""

    actor: Actor
    charts: Sequence[Chart]
    places: Sequence[tuple[str, str]]
    category: str


def _hours(value: float) -> str:
    if value < 1:
        return f"{round(value * 60)} min"
    return f"{value:.1f} h" if value < 48 else f"{value / 24:.1f} days"


def _share(value: float) -> str:
    return f"{value:.0%}"


def _count(value: float) -> str:
    return f"{value:.0f}"


Reading = Callable[[Week], float | None]
CHARTS: tuple[tuple[str, str, Reading, Callable[[float], str]], ...] = (
    ("first-reply", "Median time to the first reply", lambda week: week.hours, _hours),
    ("unanswered", "Threads without a reply", lambda week: week.unanswered, _share),
    ("members", "Members who wrote", lambda week: week.members, _count),
    ("threads", "New threads", lambda week: week.threads, _count),
    ("posts", "Posts", lambda week: week.posts, _count),
    ("flags", "Flags", lambda week: week.flags, _count),
)


async def show(request: Request) -> Response:
    """The weekly figures of one category (?category=slug), or of all the reader moderates."""
    db, actor = db_of(request), request.state.actor
    require_staff(actor)
    own = [room for room in await categories.rooms(db, actor) if actor.moderates_in(room.id)]
    slug = request.query_params.get("category", "")
    chosen = next((room for room in own if room.slug == slug), None)
    if slug and chosen is None:
        raise NotFound
    found = await weeks(db, actor, chosen.id if chosen else None)
    charts = [
        bar_chart(name, title, [(of_its_year(each.begins), read(each)) for each in found], words)
        for name, title, read, words in CHARTS
    ]
    places = [("", "All I look after"), *((room.slug, room.name) for room in own)]
    return render(request, "moderation/health.html", HealthPage(actor, charts, places, slug))


routes = [Route("/moderation/health", show)]
