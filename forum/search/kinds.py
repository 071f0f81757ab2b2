"""Everything that can be found: one line for each kind of document."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from forum.kit.db import Database
from forum.members.types import Actor
from forum.search import catalogue, people, posts
from forum.search.found_types import Hit
from forum.search.types import Document


@dataclass(frozen=True)
class Kind:
    """A kind of document. table: whose rows they are, with their `id`.

    documents: of those rows that are there for anybody. shown: hits for those rows that the reader may read.
    texts: what excerpts are taken from, of rows that were shown.
    """

    table: str
    documents: Callable[[Database, Sequence[int]], Awaitable[list[Document]]]
    shown: Callable[[Database, Actor, Sequence[int]], Awaitable[dict[int, Hit]]]
    texts: Callable[[Database, Sequence[int]], Awaitable[dict[int, str]]]


KINDS: Mapping[str, Kind] = {
    "post": Kind("post", posts.documents, posts.shown, posts.texts),
    "product": Kind("product", catalogue.product_documents, catalogue.shown_products, catalogue.product_texts),
    "vendor": Kind("vendor", catalogue.vendor_documents, catalogue.shown_vendors, catalogue.no_texts),
    "person": Kind("member", people.person_documents, people.shown_people, people.person_texts),
    "topic": Kind("topic", people.topic_documents, people.shown_topics, catalogue.no_texts),
}

# The rows of each kind in the order of their ids, and documents of rows that are no more.
PAGE_SQL = {
    name: f"SELECT x.id FROM {TABLE} x WHERE x.id > :after ORDER BY x.id LIMIT :batch"
    for name, TABLE in ((name, kind.table) for name, kind in KINDS.items())
}
STRAYS_SQL = {
    name: f"""
    SELECT d.ref_id FROM search_document d
    WHERE d.kind = :kind AND NOT d.is_gone AND NOT EXISTS (SELECT 1 FROM {TABLE} x WHERE x.id = d.ref_id)
    ORDER BY d.ref_id
    LIMIT :batch
    """
    for name, TABLE in ((name, kind.table) for name, kind in KINDS.items())
}
