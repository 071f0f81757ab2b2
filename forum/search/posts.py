"""Posts as documents, and as hits for those who may read them."""

import re
from collections.abc import Sequence
from html import unescape

from forum.categories.policy import READABLE_THREAD, READER
from forum.kit.db import Database, Row, rows
from forum.members.types import Actor
from forum.search.found_types import Hit
from forum.search.naming import Names, product_names
from forum.search.types import FOR_ALL, MEMBERS, Document, vendor_audience
from forum.threads.paths import path_of_post

BLOCKS = re.compile(r"</?(?:p|div|li|ul|ol|dl|dt|dd|h[1-6]|br|hr|pre|table|t[rdh]|thead|tbody)\b[^>]*>")
TAGS = re.compile(r"<[^>]*>")
TABLE = re.compile(r"<table\b[^>]*>(.*?)(?:</table>|\Z)", re.DOTALL)
CELL_END = re.compile(r"</t[dh]>")
INNERMOST_QUOTE = re.compile(r"<blockquote[^>]*>(?:(?!<blockquote).)*?</blockquote>", re.DOTALL)
DEEPEST_QUOTE = 8
LONGEST_BODY = 60_000  # characters that are found: a mail of a list may have more than a tsvector takes
AUTHOR_ID = "CASE WHEN a.state = 'unnamed' THEN 0 ELSE p.author_id END AS author_id"
DOCUMENTS_SQL = f"""
    SELECT p.id, p.thread_id, p.number, p.html, p.created_at, p.helpful_count, t.title, t.kind, t.category_id,
           t.keeps_vendors_out, t.vendor_id, coalesce(t.accepted_post_id = p.id, false) AS is_accepted,
           t.accepted_post_id IS NOT NULL AS is_answered,
           {AUTHOR_ID},
           ARRAY(SELECT o.slug FROM thread_topic tt JOIN topic o ON o.id = tt.topic_id
                 WHERE tt.thread_id = t.id ORDER BY o.slug) AS topics,
           EXISTS (SELECT 1 FROM review w WHERE w.post_id = p.id) AS is_review
    FROM post p
    JOIN thread t ON t.id = p.thread_id
    JOIN category c ON c.id = t.category_id
    JOIN member a ON a.id = p.author_id
    WHERE p.id = ANY(CAST(:ids AS bigint[])) AND p.deleted_at IS NULL AND t.deleted_at IS NULL AND NOT c.is_hidden
    ORDER BY p.id
"""
# Which products threads are about, beside those that their words name.
ABOUT_SQL = """
    SELECT pr.review_thread_id AS thread_id, pr.id AS product_id
    FROM product pr WHERE pr.review_thread_id = ANY(CAST(:thread_ids AS bigint[]))
    UNION
    SELECT x.thread_id, x.product_id FROM review_round x WHERE x.thread_id = ANY(CAST(:thread_ids AS bigint[]))
    UNION
    SELECT p.thread_id, b.product_id
    FROM switch_story s
    JOIN post p ON p.id = s.post_id
    CROSS JOIN LATERAL (VALUES (s.from_product_id), (s.to_product_id)) b (product_id)
    WHERE p.thread_id = ANY(CAST(:thread_ids AS bigint[]))
    UNION
    SELECT p.thread_id, q.product_id
    FROM owner_question q JOIN post p ON p.id = q.post_id
    WHERE p.thread_id = ANY(CAST(:thread_ids AS bigint[]))
"""
SHOWN_SQL = f"""
    SELECT p.id, p.number, p.created_at, t.id AS thread_id, t.slug, t.title, t.kind, t.reply_count,
           t.accepted_post_id IS NOT NULL AS is_answered, a.name AS author_name, {AUTHOR_ID},
           c.slug AS category_slug, c.name AS category_name, c.colour AS category_colour
    FROM post p
    JOIN member a ON a.id = p.author_id
    JOIN thread t ON t.id = p.thread_id
    JOIN category c ON c.id = t.category_id
    {READER}
    WHERE p.id = ANY(CAST(:ids AS bigint[])) AND p.deleted_at IS NULL AND t.deleted_at IS NULL AND {READABLE_THREAD}
"""


def text_of(html: str) -> str:
    """The words of a post's HTML, without what it quotes of others; of a table "cell · cell; cell · cell"."""
    return _plain(TABLE.sub(_told_in_rows, unquoted(html)))


def unquoted(html: str) -> str:
    """A post's HTML without what it quotes of others."""
    for _ in range(DEEPEST_QUOTE):
        html, count = INNERMOST_QUOTE.subn(" ", html)
        if not count:
            break
    return html


def _plain(html: str) -> str:
    return " ".join(unescape(TAGS.sub("", BLOCKS.sub(" ", html))).split())


def _told_in_rows(table: re.Match[str]) -> str:
    """Still HTML. Empty cells are left out, as the corner of a table that compares things."""
    rows = (" · ".join(filter(_plain, CELL_END.split(row))) for row in table[1].split("</tr>"))
    return f" {'; '.join(filter(_plain, rows))} "


async def documents(db: Database, ids: Sequence[int]) -> list[Document]:
    """The documents of those of the posts that are there for anybody."""
    found = await rows(db, DOCUMENTS_SQL, ids=list(ids))
    about: dict[int, set[int]] = {}
    for row in await rows(db, ABOUT_SQL, thread_ids=list({row["thread_id"] for row in found})):
        about.setdefault(row["thread_id"], set()).add(row["product_id"])
    names = await product_names(db)
    return [_document(row, about.get(row["thread_id"], set()), names) for row in found]


def _document(row: Row, product_ids: set[int], names: Names) -> Document:
    body = text_of(row["html"])[:LONGEST_BODY]
    is_head = row["number"] == 1
    return Document(
        kind="post",
        ref_id=row["id"],
        group=row["thread_id"],
        number=row["number"],
        title=row["title"],
        body=body,
        kinds=("thread", row["kind"], *(("review",) if row["is_review"] and row["kind"] != "review" else ())),
        at=row["created_at"],
        category_id=row["category_id"],
        audiences=audiences(keeps_vendors_out=row["keeps_vendors_out"], vendor_id=row["vendor_id"]),
        role="answer" if row["is_accepted"] else "question" if is_head else "reply",
        author_id=row["author_id"],
        topics=tuple(row["topics"]),
        product_ids=tuple(sorted(product_ids | names.named_in(row["title"]) | names.named_in(body))),
        is_answered=row["is_answered"] if row["kind"] == "question" else None,
        helpful=row["helpful_count"],
    )


def audiences(*, keeps_vendors_out: bool, vendor_id: int | None) -> tuple[str, ...]:
    """Whom a thread lets in, as categories.policy.LET_IN has it."""
    if keeps_vendors_out:
        return (MEMBERS,)
    return (MEMBERS, vendor_audience(vendor_id)) if vendor_id is not None else (FOR_ALL,)


async def shown(db: Database, actor: Actor, ids: Sequence[int]) -> dict[int, Hit]:
    """Hits for those of the posts that `actor` may read, by their ids."""
    return {row["id"]: _hit(row) for row in await rows(db, SHOWN_SQL, actor_id=actor.id, ids=list(ids))}


def _hit(row: Row) -> Hit:
    number, replies = row["number"], row["reply_count"]
    path = f"/t/{row['thread_id']}/{row['slug']}"
    return Hit(
        kind="post",
        path=path_of_post(path, number),
        title=row["title"],
        about=(*((f"{row['author_name']} wrote",) if number > 1 else ()), _counted(replies)),
        is_answered=row["is_answered"],
        category_slug=row["category_slug"],
        category_name=row["category_name"],
        category_colour=row["category_colour"],
        at=row["created_at"],
        author_id=row["author_id"],
    )


def _counted(replies: int) -> str:
    return f"{replies} {'reply' if replies == 1 else 'replies'}"


async def texts(db: Database, ids: Sequence[int]) -> dict[int, str]:
    """What excerpts of posts are taken from, for those that `shown` has let through."""
    found = await rows(
        db, "SELECT p.id, p.html FROM post p WHERE p.id = ANY(CAST(:ids AS bigint[])) ORDER BY p.id", ids=list(ids)
    )
    return {row["id"]: text_of(row["html"]) for row in found}
