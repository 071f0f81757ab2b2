"""Mails of single posts as they are sent: made once for all who get one, by the rights and wishes of that moment."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from forum.following.hearing import heard
from forum.following.types import Heard
from forum.kit.db import Database, Row, rows
from forum.kit.text import one_line
from forum.kit.tools import Tools
from forum.mail.archive.htmltext import text_of
from forum.mail.composing import Draft, house, message_id_of
from forum.mail.queries import recipients
from forum.mail.types import NO_ADDRESS, Claimed, House, Letter, Reader, Ready, Rendered, Unwanted
from forum.mail.wording import absolute, in_columns, rendered
from forum.members.mail_words import named
from forum.threads.mentions import unlinked
from forum.threads.types import place_of

NOT_HEARD = "The member does not hear of it by mail any more."
GONE = "The post is not there any more."

# Only of posts that each recipient hears of, which says that they may read them.
POSTS_SQL = """
    SELECT p.id, p.number, p.source, p.html, p.format, t.id AS thread_id, t.slug, t.title, c.slug AS category_slug,
           c.name AS category_name, coalesce(d.name, '') AS district_name, a.title AS author_title,
           a.name AS author_name, a.state = 'unnamed' AS is_unnamed,
           o.id AS first_id, n.message_id AS first_message_id
    FROM post p
    JOIN member a ON a.id = p.author_id
    JOIN thread t ON t.id = p.thread_id
    JOIN category c ON c.id = t.category_id
    JOIN post o ON o.thread_id = t.id AND o.number = 1
    LEFT JOIN district d ON d.id = a.district_id AND a.state <> 'unnamed'
    LEFT JOIN mail_message n ON n.post_id = o.id
    WHERE p.id = ANY(CAST(:ids AS bigint[]))
"""
# What somebody hears of it by; they know the name, or would see it with the post.
NAMES_SQL = """
    SELECT 'topic' AS kind, o.id, '#' || o.slug AS name FROM topic o WHERE o.id = ANY(CAST(:topic AS bigint[]))
    UNION ALL
    SELECT 'product', pr.id, pr.name FROM product pr WHERE pr.id = ANY(CAST(:product AS bigint[]))
    UNION ALL
    SELECT 'vendor', v.id, v.name FROM vendor v WHERE v.id = ANY(CAST(:vendor AS bigint[]))
    UNION ALL
    SELECT 'category', c.id, c.name FROM category c WHERE c.id = ANY(CAST(:category AS bigint[]))
    UNION ALL
    SELECT 'person', m.id, m.name FROM member m WHERE m.id = ANY(CAST(:person AS bigint[]))
"""
NAMED_KINDS = ("topic", "product", "vendor", "category", "person")
WHYS = {
    "mentioned": ("you were mentioned", "Stop mail where you are mentioned", "mentions"),
    "asked": ("you asked", "Stop mail about this thread", "thread"),
    "replied": ("you wrote in this thread", "Stop mail about this thread", "thread"),
    "thread": ("you follow this thread", "Stop mail about this thread", "thread"),
    "search": ("it is new in a search that you follow", "Stop mail of this search", "search"),
    "everything": ("you follow everything here", "Stop following everything", "everything"),
    "topic": ("you follow {}", "Stop mail about this topic", "topic"),
    "product": ("you follow {}", "Stop mail about this product", "product"),
    "vendor": ("you follow {}", "Stop mail about this vendor", "vendor"),
    "category": ("you follow {}", "Stop mail about this category", "category"),
    "person": ("you follow {}", "Stop mail about what this person writes", "person"),
}


class Post(NamedTuple):
    """A post as a letter of it needs it. text: complete and plain; html: with whole links. number: 1 for the first."""

    id: int
    number: int
    thread_id: int
    path: str
    title: str
    category_slug: str
    category_name: str
    author_name: str
    author_about: str
    text: str
    html: str
    parents: tuple[str, ...]


@dataclass(frozen=True)
class PostPage:
    """One post. author_about: what they do and where, "" unknown; url: where it stands; lines: its text in columns."""

    title: str
    author_name: str
    author_about: str
    category_name: str
    url: str
    html: str
    lines: str
    is_reply: bool


async def render_instant(tools: Tools, claimed: Sequence[Claimed]) -> Rendered:
    """Each mail of a post, or why it is not sent: as many queries for any number of them."""
    home, now = await house(tools), datetime.now(UTC)
    posts = await _posts(tools.db, home, {each.post_id for each in claimed if each.post_id})
    member_ids = sorted({each.member_id for each in claimed})
    told = {(each.post_id, each.member_id): each for each in await heard(tools.db, list(posts), member_ids)}
    names = await _names(tools.db, told.values())
    people = await recipients(tools.db, member_ids)
    drafts = {
        (mail.post_id, mail.message_id): Draft(home, _letter(home, posts[mail.post_id], mail.message_id))
        for mail in {(each.post_id, each.message_id): each for each in claimed}.values()
        if mail.post_id in posts
    }
    made: dict[int, Ready | Unwanted] = {}
    for mail in claimed:
        post, hearing = posts.get(mail.post_id or 0), told.get((mail.post_id or 0, mail.member_id))
        person = people.get(mail.member_id)
        if post is None:
            made[mail.id] = Unwanted(GONE)
        elif hearing is None or hearing.level != "each":
            made[mail.id] = Unwanted(NOT_HEARD)
        elif person is None:
            made[mail.id] = Unwanted(NO_ADDRESS)
        else:
            reader = _reader(hearing, post, person.address, names)
            made[mail.id] = Ready(drafts[post.id, mail.message_id].to(reader, now), person.address)
    return made


async def _posts(db: Database, home: House, ids: Iterable[int]) -> dict[int, Post]:
    return {row["id"]: _post(home, row) for row in await rows(db, POSTS_SQL, ids=sorted(ids))}


def _post(home: House, row: Row) -> Post:
    about = filter(None, (one_line(row["author_title"]), row["district_name"])) if not row["is_unnamed"] else ()
    html = unlinked(row["html"])
    first = message_id_of(row["first_id"], row["first_message_id"], home.domain)
    return Post(
        id=row["id"],
        number=row["number"],
        thread_id=row["thread_id"],
        path=place_of(f"/t/{row['thread_id']}/{row['slug']}", row["number"]),
        title=one_line(row["title"]),
        category_slug=row["category_slug"],
        category_name=row["category_name"],
        author_name=row["author_name"],
        author_about=", ".join(named(each) for each in about),
        text=row["source"] if row["format"] == "markdown" else text_of(html),
        html=absolute(home, html),
        parents=(first,) if row["number"] > 1 else (),
    )


def _letter(home: House, post: Post, message_id: str) -> Letter:
    author = named(post.author_name)
    page = PostPage(
        title=post.title,
        author_name=author,
        author_about=post.author_about,
        category_name=named(post.category_name),
        url=home.url + post.path,
        html=post.html,
        lines=in_columns(post.text),
        is_reply=post.number > 1,
    )
    words = rendered(home, "post", page)
    return Letter(
        kind="instant",
        subject=post.title,
        text=words.text,
        html=words.html,
        message_id=message_id,
        author=author,
        parents=post.parents,
        list_slug=post.category_slug,
        list_name=post.category_name,
        page_path=post.path,
    )


def _reader(hearing: Heard, post: Post, address: str, names: Mapping[tuple[str, int], str]) -> Reader:
    why, stop_words, stop_kind = WHYS[hearing.reason]
    name = names.get((hearing.reason, hearing.target_id), "it")
    stop_id = {"thread": post.thread_id, "mentions": 0, "everything": 0}.get(stop_kind, hearing.target_id)
    return Reader(
        member_id=hearing.member_id,
        address=address,
        why=f"You get this because {why.format(named(one_line(name)))}.",
        stop_words=stop_words,
        stop_kind=stop_kind,
        stop_id=stop_id,
        answers_to=post.id,
    )


async def _names(db: Database, told: Iterable[Heard]) -> dict[tuple[str, int], str]:
    wanted = {kind: sorted({each.target_id for each in told if each.reason == kind}) for kind in NAMED_KINDS}
    found = await rows(db, NAMES_SQL, **wanted)
    return {(row["kind"], row["id"]): row["name"] for row in found}
