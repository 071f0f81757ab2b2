"""The Follow control of a page: what the page is about, how its reader follows that and whether they stopped or paused
all mail, within the reader's query.
"""

import re
from datetime import date
from typing import NamedTuple

from forum.following.types import Wishes
from forum.following.wishes import break_day

PAGES = {
    "thread": re.compile(r"/t/([0-9]{1,18})(?:/|$)"),
    "category": re.compile(r"/c/([a-z0-9._-]+)(?:/|$)"),
    "topic": re.compile(r"/topics/([a-z0-9._-]+)(?:/|$)"),
    "product": re.compile(r"/products/([a-z0-9._-]+)$"),
    "vendor": re.compile(r"/vendors/([a-z0-9._-]+)$"),
    "person": re.compile(r"/people/([a-z0-9._-]+)$"),
}


class Control(NamedTuple):
    """What is followed with it, and how it is now: level "none" for not at all; every_days: of a digest, else 0."""

    kind: str
    id: int
    level: str
    every_days: int


def subject_of(path: str) -> tuple[str, str]:
    """The kind of thing that the page at `path` is about, and its id or name there; ("", "") for other pages."""
    for kind, pattern in PAGES.items():
        if found := pattern.match(path):
            return kind, found[1]
    return "", ""


def silence_of(found: tuple[bool, str | None] | None) -> str:
    """What SILENCE found, in a sentence; "" where mail goes out."""
    if found is None:
        return ""
    stops_all, until = found
    paused_until = date.fromisoformat(until) if until else None
    return Wishes(0, stops_all=stops_all, paused_until=paused_until).silence(break_day())


# For a query with a reader `r`. It names nothing and asks for no rights: only a page that its reader may see shows it.
CONTROL = """(
    SELECT json_build_array(x.id, coalesce(f.level, 'none'), coalesce(f.every_days, 0))
    FROM (
        SELECT CASE CAST(:subject_kind AS text)
            WHEN 'thread' THEN CAST(CAST(:subject AS text) AS bigint)
            WHEN 'category' THEN (SELECT x.id FROM category x WHERE x.slug = :subject)
            WHEN 'topic' THEN (SELECT x.id FROM topic x WHERE x.slug = :subject)
            WHEN 'product' THEN (SELECT x.id FROM product x WHERE x.slug = :subject)
            WHEN 'vendor' THEN (SELECT x.id FROM vendor x WHERE x.slug = :subject)
            WHEN 'person' THEN (
                SELECT x.id FROM member x WHERE x.handle = :subject AND x.id <> r.id AND r.role <> 'vendor'
            )
        END AS id
    ) x
    LEFT JOIN follow f ON f.member_id = r.id AND f.kind = :subject_kind AND f.target_id = x.id
    WHERE x.id IS NOT NULL AND r.id IS NOT NULL
)"""
# For a query with a reader `r`: whether they stopped all mail, and until when they paused it; null for neither.
SILENCE = """(
    SELECT json_build_array(w.stops_all, w.paused_until)
    FROM mail_wish w
    WHERE w.member_id = r.id AND (w.stops_all OR w.paused_until IS NOT NULL)
)"""
