"""Mails of single posts as they are sent: once for all who are told the same, by rights and wishes of that moment."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from forum.events.times import own_hours_words, when_words
from forum.events.types import ONLINE
from forum.following.causes import why_followed
from forum.following.hearing import heard
from forum.following.types import Heard
from forum.kit.db import Database, Row, rows
from forum.kit.markdown import with_whole_links_safely
from forum.kit.text import one_line
from forum.kit.tools import Tools
from forum.mail.archive.htmltext import text_of
from forum.mail.composing import Draft, house, message_id_of
from forum.mail.queries import recipients
from forum.mail.reading import READ, read_already
from forum.mail.reasons import REASONS, Names, names_of, why
from forum.mail.types import NO_ADDRESS, Claimed, House, Letter, Reader, Ready, Rendered, Unwanted
from forum.mail.wording import absolute, in_columns, rendered
from forum.members.mail_words import named
from forum.threads.mentions import unlinked
from forum.threads.paths import place_of

NOT_HEARD = "The member no longer wants it by email."
GONE = "The post is gone."
AWAY = "The post was hidden or deleted when its turn came."

# Only of posts that each recipient hears of, which says that they may read them.
POSTS_SQL = """
    SELECT p.id, p.number, p.source, p.html, p.format, t.id AS thread_id, t.slug, t.title, t.kind,
           c.slug AS category_slug, c.name AS category_name, coalesce(d.name, '') AS district_name,
           a.title AS author_title, a.name AS author_name, a.state = 'unnamed' AS is_unnamed,
           o.id AS first_id, n.message_id AS first_message_id,
           p.deleted_at IS NOT NULL OR t.deleted_at IS NOT NULL AS is_away,
           e.starts_at, e.ends_at, e.time_zone, e.place, e.link, e.is_cancelled
    FROM post p
    JOIN member a ON a.id = p.author_id
    JOIN thread t ON t.id = p.thread_id
    JOIN category c ON c.id = t.category_id
    JOIN post o ON o.thread_id = t.id AND o.number = 1
    LEFT JOIN district d ON d.id = a.district_id AND a.state <> 'unnamed'
    LEFT JOIN mail_message n ON n.post_id = o.id
    LEFT JOIN event e ON e.post_id = p.id
    WHERE p.id = ANY(CAST(:ids AS bigint[]))
"""


class Post(NamedTuple):
    """A post as a letter of it needs it. text: complete and plain, as html with whole links. number: 1 for the first.
    kind: of its thread.

    event: the columns of what it announces, None for nothing.
    """

    id: int
    number: int
    thread_id: int
    path: str
    title: str
    kind: str
    category_slug: str
    category_name: str
    author_name: str
    author_about: str
    text: str
    html: str
    first_message_id: str
    is_away: bool
    event: Row | None


@dataclass(frozen=True)
class PostPage:
    """One post. author_about: what they do and where, "" unknown; url: where it stands; lines: its text in columns.

    event: when and where what it announces is, line by line, () for none. event_link: where one joins, "" for nowhere.
    """

    title: str
    author_name: str
    author_about: str
    category_name: str
    url: str
    html: str
    lines: str
    is_reply: bool
    event: tuple[str, ...]
    event_link: str


async def render_instant(tools: Tools, claimed: Sequence[Claimed]) -> Rendered:
    """Each mail of a post, or why it is not sent: as many queries for any number of them."""
    home, now = await house(tools), datetime.now(UTC)
    posts = await posts_of(tools.db, home, {each.post_id for each in claimed if each.post_id})
    member_ids = sorted({each.member_id for each in claimed})
    told = {(each.post_id, each.member_id): each for each in await heard(tools.db, list(posts), member_ids)}
    names = await names_of(tools.db, told.values())
    people = await recipients(tools.db, member_ids)
    read = await read_already(tools.db, [each.id for each in claimed])
    drafts: dict[tuple[int, str, tuple[str, ...]], Draft] = {}
    made: dict[int, Ready | Unwanted] = {}
    for mail in claimed:
        post, hearing = posts.get(mail.post_id or 0), told.get((mail.post_id or 0, mail.member_id))
        person = people.get(mail.member_id)
        if post is None:
            made[mail.id] = Unwanted(GONE)
        elif post.is_away:
            made[mail.id] = Unwanted(AWAY)
        elif hearing is None or hearing.level != "each" or (mail.since and hearing.reason != "mentioned"):
            made[mail.id] = Unwanted(NOT_HEARD)
        elif mail.id in read:
            made[mail.id] = Unwanted(READ)
        elif person is None:
            made[mail.id] = Unwanted(NO_ADDRESS)
        else:
            event = event_lines(post.event, person.zone(tools.settings.time_zone)) if post.event else ()
            copy = post.id, mail.message_id, event
            if copy not in drafts:
                drafts[copy] = Draft(home, _letter(home, post, mail, event))
            reader = reader_of(hearing, post, person.address, names)
            made[mail.id] = Ready(drafts[copy].to(reader, now), person.address)
    return made


async def posts_of(db: Database, home: House, ids: Iterable[int]) -> dict[int, Post]:
    """By their ids, posts that each who is mailed them may read."""
    return {row["id"]: await _post(home, row) for row in await rows(db, POSTS_SQL, ids=sorted(ids))}


async def _post(home: House, row: Row) -> Post:
    about = filter(None, (one_line(row["author_title"]), row["district_name"])) if not row["is_unnamed"] else ()
    html = absolute(home, unlinked(row["html"]))
    text = await with_whole_links_safely(row["source"], home.url) if row["format"] == "markdown" else text_of(html)
    first = message_id_of(row["first_id"], row["first_message_id"], home.domain)
    return Post(
        id=row["id"],
        number=row["number"],
        thread_id=row["thread_id"],
        path=place_of(f"/t/{row['thread_id']}/{row['slug']}", row["number"]),
        title=one_line(row["title"]),
        kind=row["kind"],
        category_slug=row["category_slug"],
        category_name=row["category_name"],
        author_name=row["author_name"],
        author_about=", ".join(named(each) for each in about),
        text=text,
        html=html,
        first_message_id=first,
        is_away=row["is_away"],
        event=row if row["starts_at"] else None,
    )


def event_lines(row: Mapping[str, Any], own_zone: ZoneInfo) -> tuple[str, ...]:
    """When and where an event is, and that it is cancelled, by its columns, for who reads it in that zone."""
    times = row["starts_at"], row["ends_at"], row["time_zone"]
    own = own_hours_words(*times, own_zone.key)
    return (
        *(("It is canceled.",) if row["is_cancelled"] else ()),
        f"When: {when_words(*times)}",
        *((f"For you: {own}",) if own else ()),
        f"Where: {named(one_line(row['place'])) or ONLINE}",
    )


def _letter(home: House, post: Post, mail: Claimed, event: tuple[str, ...]) -> Letter:
    author = named(post.author_name)
    is_answer = post.number > 1 or (mail.since is not None and mail.message_id != post.first_message_id)
    page = PostPage(
        title=post.title,
        author_name=author,
        author_about=post.author_about,
        category_name=named(post.category_name),
        url=home.url + post.path,
        html=post.html,
        lines=in_columns(post.text),
        is_reply=post.number > 1,
        event=event,
        event_link=post.event["link"] if post.event else "",
    )
    words = rendered(home, "post", page)
    return Letter(
        kind="instant",
        subject=post.title,
        text=words.text,
        html=words.html,
        message_id=mail.message_id,
        author=author,
        parents=(post.first_message_id,) if is_answer else (),
        list_slug=post.category_slug,
        list_name=post.category_name,
        page_path=post.path,
    )


def reader_of(hearing: Heard, post: Post, address: str, names: Names) -> Reader:
    """A copy for who hears of a post so. names: as of `names_of`."""
    reason = REASONS[hearing.reason]
    because = why(hearing.reason, hearing.target_id, names) or why_followed(hearing.since, post.kind)
    return Reader(
        member_id=hearing.member_id,
        address=address,
        why=f"You get this because {because}.",
        stop_words=reason.stop_words,
        stop_kind=reason.stop_kind,
        stop_id=reason.stop_id(hearing.target_id, post.thread_id),
        answers_to=post.id,
    )
