"""How digests say what was chosen: each post told once for all who get it, then put together for each reader."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from itertools import zip_longest

from forum.events.times import own_hours_words, when_words
from forum.events.types import ONLINE
from forum.kit.days import written
from forum.kit.db import Database, Row, rows
from forum.kit.text import one_line
from forum.mail import addresses
from forum.mail.digests.stops import Stops
from forum.mail.digests.types import (
    FEW,
    HEADINGS,
    MOST_ITEMS,
    Block,
    Chosen,
    Coming,
    Deadline,
    DigestReader,
    Item,
    Told,
)
from forum.mail.reasons import Names
from forum.mail.types import House
from forum.mail.wording import in_columns
from forum.members.mail_words import named
from forum.search.posts import text_of, unquoted
from forum.threads.paths import path_of_post

LINE_ENDS = re.compile(r"</(?:li|h[1-6]|dt|dd|p|pre|table)>")
ENDED = ".!?:;,…"
FIRST_WORDS = 280  # characters of a post; of its accepted answer half as many more
ANSWER_WORDS = 420
# Only of posts that were chosen by each reader's rights.
TOLD_SQL = """
    SELECT p.id, p.number, p.html, t.id AS thread_id, t.slug, t.title, c.name AS category_name,
           a.name AS author_name,
           CASE WHEN x.id = p.id THEN '' ELSE coalesce(x.html, '') END AS answer_html,
           coalesce(y.name, '') AS answer_name
    FROM post p
    JOIN member a ON a.id = p.author_id
    JOIN thread t ON t.id = p.thread_id
    JOIN category c ON c.id = t.category_id
    LEFT JOIN post x ON x.id = t.accepted_post_id AND x.deleted_at IS NULL
    LEFT JOIN member y ON y.id = x.author_id
    WHERE p.id = ANY(CAST(:ids AS bigint[]))
"""


async def told(db: Database, post_ids: Iterable[int]) -> dict[int, Told]:
    """What digests say of these posts, by their ids."""
    found = await rows(db, TOLD_SQL, ids=sorted(set(post_ids)))
    return {row["id"]: _told(row) for row in found}


def _told(row: Row) -> Told:
    excerpt = first_words(row["html"], FIRST_WORDS)
    answer = first_words(row["answer_html"], ANSWER_WORDS)
    if answer:
        answer = f"{named(row['answer_name'])}: {answer}"
    return Told(
        post_id=row["id"],
        path=path_of_post(f"/t/{row['thread_id']}/{row['slug']}", row["number"]),
        title=one_line(row["title"]),
        category_name=named(row["category_name"]),
        author_name=named(row["author_name"]),
        excerpt=excerpt,
        answer=answer,
        excerpt_lines=in_columns(excerpt),
        answer_lines=in_columns(f"Accepted answer, {answer}") if answer else "",
    )


def first_words(html: str, most: int) -> str:
    """The first words of a post, in at most so many characters, without what it quotes; each line as a sentence, or as
    a part of one where the next goes on in small letters, as points of a list do.
    """
    html = unquoted(html)
    parts = [text_of(part) for part in LINE_ENDS.split(html)]
    lines = [part for part in parts if part]
    text = " ".join(_closed(line, after) for line, after in zip_longest(lines, lines[1:], fillvalue=""))
    if len(parts) == 1 or text_of(html) == text.removesuffix("."):
        text = text_of(html)
    if len(text) <= most:
        return text
    words = text[:most].rpartition(" ")[0] or text[:most]
    return words.rstrip(",.;:–· ") + " …"


def _closed(line: str, after: str) -> str:
    if line[-1] in ENDED:
        return line
    return f"{line};" if after[:1].islower() else f"{line}."


def blocks(
    house: House,
    reader: DigestReader,
    posts: Mapping[str, Sequence[Chosen]],
    dates: Sequence[Deadline],
    events: Sequence[Coming],
    said: Mapping[int, Told],
    names: Names,
) -> tuple[Block, ...]:
    """What is in one digest, in its reader's order: each thread once, at most MOST_ITEMS in all.

    posts, dates, events: those of this digest. names: of what is followed. In a quiet week only the dates.
    """
    above: list[tuple[str, Chosen]] = []
    stops = Stops(house, reader, names)
    left = MOST_ITEMS
    news: Mapping[str, Sequence[Chosen | Coming]] = {} if reader.is_quiet else {**posts, "events": events}
    filled = []
    for place, name in enumerate(reader.blocks, 1):
        room = max(0, left - _reserved(reader.blocks[place:], news))
        if name == "renewals":
            there = len(dates)
            items = [_deadline(house, each) for each in dates[:left]]
        elif name == "events":
            coming = () if reader.is_quiet else events[:room]
            there = max([0, *(each.of_all for each in coming)])
            items = [_coming(house, reader, each) for each in coming]
        else:
            new = [] if reader.is_quiet else _new(name, posts.get(name, ()), said, above)
            there = max([len(new), *(each.of_all for each in new)])
            items = [_item(house, reader, name, each, said[each.post_id], stops) for each in new[:room]]
            above += [(name, each) for each in new[:room]]
        left -= len(items)
        if items:
            filled.append(Block(name, HEADINGS[name], tuple(items), there - len(items)))
    return tuple(filled)


def _reserved(later: Sequence[str], news: Mapping[str, Sequence[Chosen | Coming]]) -> int:
    """How much room the blocks below are left: a few things each, of what they have."""
    return sum(min(FEW, len(news.get(name, ()))) for name in later)


def _new(
    block: str, chosen: Sequence[Chosen], said: Mapping[int, Told], above: Sequence[tuple[str, Chosen]]
) -> list[Chosen]:
    """Each thing once, and none that stands in a block above."""
    there = {_once(block, each): each for each in reversed(chosen) if each.post_id in said}
    posts = {each.post_id for _, each in above}
    threads = {each.thread_id for name, each in above if name != "reviews"}
    reviews = Counter(each.thread_id for name, each in above if name == "reviews")
    if block == "reviews":
        return [each for each in reversed(there.values()) if each.post_id not in posts]
    return [
        each
        for each in reversed(there.values())
        if each.thread_id not in threads and not 0 < each.posts <= reviews[each.thread_id]
    ]


def _once(block: str, each: Chosen) -> int:
    """What is told once: a thread, but each review by itself, as those of a product share one."""
    return each.post_id if block == "reviews" else each.thread_id


def counted(filled: Sequence[Block]) -> str:
    """How much of what there is: "1 deadline, 2 reviews, 5 threads"; no word of anybody's."""
    numbers = {
        noun: sum(len(block.items) for block in filled if block.name in names)
        for noun, names in (
            ("deadline", ("renewals",)),
            ("review", ("reviews",)),
            ("thread", ("followed",)),
            ("mention", ("mentions",)),
            ("question", ("unanswered",)),
            ("event", ("events",)),
        )
    }
    return ", ".join(f"{count} {noun}{'' if count == 1 else 's'}" for noun, count in numbers.items() if count)


def _item(house: House, reader: DigestReader, block: str, each: Chosen, post: Told, stops: Stops) -> Item:
    has_answer = block != "reviews"
    return Item(
        post.title,
        house.url + post.path,
        _lead(block, each, post),
        post.excerpt,
        post.answer if has_answer else "",
        post.excerpt_lines,
        post.answer_lines if has_answer else "",
        _answers_to(house, reader, each.post_id),
        *stops.of(block, each),
    )


def without_stops(filled: Sequence[Block]) -> tuple[Block, ...]:
    """To look at: without the links that are their reader's own."""
    return tuple(
        replace(block, items=tuple(item._replace(stop_url="", is_stop_new=False) for item in block.items))
        for block in filled
    )


def _answers_to(house: House, reader: DigestReader, post_id: int) -> str:
    if not house.takes_replies:
        return ""
    return addresses.reply_address(house.secret, house.domain, post_id, reader.member_id)


def _lead(block: str, each: Chosen, post: Told) -> str:
    author, place = post.author_name, f"in {post.category_name}"
    if block == "reviews":
        return f"{named(each.about)} stars, by {author}"
    if block == "mentions":
        return f"{author} mentioned you {place}"
    if block == "unanswered":
        return f"{author} asked {place}"
    if each.posts > 1:
        more = f"{each.posts - 1} more {'post' if each.posts == 2 else 'posts'}"
        return f"{author} wrote {place}, and {more} followed"
    return f"{author} wrote {place}"


def _deadline(house: House, each: Deadline) -> Item:
    name = named(one_line(each.product_name))
    return Item(
        title=f"{name}: notice is due {_in_days(each.left)}",
        url=f"{house.url}/renewals",
        lead=f"Give notice by {written(each.notice_on)}; the contract ends on {written(each.ends_on)}.",
    )


def _coming(house: House, reader: DigestReader, each: Coming) -> Item:
    when = _when(each.starts_at, each.ends_at, each.time_zone)
    where = named(one_line(each.place)) or ONLINE
    return Item(
        title=one_line(each.title),
        url=house.url + path_of_post(f"/t/{each.thread_id}/{each.slug}", each.number),
        lead=f"{_turn(reader, each)}: {when}. {_own(reader, each)}{where}.",
        reply_to=_answers_to(house, reader, each.post_id),
    )


@lru_cache
def _when(starts_at: datetime, ends_at: datetime, zone_name: str) -> str:
    return when_words(starts_at, ends_at, zone_name, written)


@lru_cache
def _own_hours(starts_at: datetime, ends_at: datetime, zone_name: str, own_zone: str) -> str:
    return own_hours_words(starts_at, ends_at, zone_name, own_zone, written)


def _turn(reader: DigestReader, each: Coming) -> str:
    """What is new: to its guests that it is not as it was, to all others when it is."""
    if each.is_cancelled:
        return "Canceled"
    if each.is_changed:
        return "Changed"
    return _in_days((each.starts_at.astimezone(reader.zone).date() - reader.today).days).capitalize()


def _own(reader: DigestReader, each: Coming) -> str:
    """When that is where the reader is, if clocks say something else there."""
    hours = _own_hours(each.starts_at, each.ends_at, each.time_zone, reader.zone.key)
    return f"For you: {hours}. " if hours else ""


def _in_days(left: int) -> str:
    return "today" if left == 0 else "tomorrow" if left == 1 else f"in {left} days"
