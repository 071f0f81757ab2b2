"""Reads the files of the demo community and checks that they fit together."""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from forum.demo.types import (
    Catalogue,
    Category,
    Community,
    District,
    Draft,
    Flag,
    Group,
    Invitation,
    JoinRequest,
    Member,
    Product,
    Reply,
    Speaker,
    Suggestion,
    Talk,
    Thread,
    Topic,
    Word,
)
from forum.kit.errors import Invalid
from forum.threads.types import ThreadDraft, body_problems

HERE = Path(__file__).parent
Shape = TypeVar("Shape")


class Mistake(Exception):
    """The files do not fit together; the message has a line for each thing to mend."""


def read_community(folder: Path = HERE) -> Community:
    """The community whose community.toml, products.toml, waiting.toml and threads/*.toml lie in `folder`.

    Raises Mistake.
    """
    who, waiting = _toml(folder / "community.toml"), _toml(folder / "waiting.toml")
    categories = _shapes(Category, who, "category")
    kinds = {each.slug: each.kind for each in categories}
    threads = [thread for file in sorted((folder / "threads").glob("*.toml")) for thread in _threads(file, kinds)]
    community = Community(
        districts=_shapes(District, who, "district"),
        groups=_shapes(Group, who, "group"),
        members=_shapes(Member, who, "member"),
        categories=categories,
        topics=_shapes(Topic, who, "topic"),
        threads=tuple(sorted(threads, key=lambda each: (-each.age_days, each.title))),
        join_requests=_shapes(JoinRequest, waiting, "join_request"),
        invitations=_shapes(Invitation, waiting, "invitation"),
        drafts=_shapes(Draft, waiting, "draft"),
        words=_shapes(Word, waiting, "word"),
        held=_shapes(Draft, waiting, "held"),
        flags=_shapes(Flag, waiting, "flag"),
        catalogue=_catalogue(_toml(folder / "products.toml"), _toml(folder / "reviews.toml")),
    )
    if mistakes := list(_mistakes(community)):
        raise Mistake("\n".join(mistakes))
    return community


def _catalogue(table: Mapping[str, Any], talk: Mapping[str, Any]) -> Catalogue:
    return Catalogue(
        kinds=tuple(table.get("kind", ())),
        products=_shapes(Product, table, "product"),
        speakers=_shapes(Speaker, table, "speaker"),
        suggestions=_shapes(Suggestion, table, "suggestion"),
        talk=_shapes(Talk, talk, "kind"),
    )


def _toml(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise Mistake(f"{file.name}: {error}") from error


def _shapes(shape: type[Shape], table: Mapping[str, Any], name: str) -> tuple[Shape, ...]:
    return tuple(_shape(shape, fields, name) for fields in table.get(name, ()))


def _shape(shape: type[Shape], fields: Mapping[str, Any], where: str) -> Shape:
    try:
        return shape(**{name: tuple(it) if isinstance(it, list) else it for name, it in fields.items()})
    except TypeError as error:
        raise Mistake(f"{where} {dict(fields)}: {error}") from error


def _threads(file: Path, kinds: Mapping[str, str]) -> Iterator[Thread]:
    if file.stem not in kinds:
        raise Mistake(f"{file.name}: there is no category {file.stem}")
    for table in _toml(file).get("thread", ()):
        replies = _shapes(Reply, {"reply": table.pop("reply", ())}, "reply")
        yield _shape(Thread, {"kind": kinds[file.stem], **table, "category": file.stem, "replies": replies}, file.name)


def _mistakes(community: Community) -> Iterator[str]:
    yield from _people_mistakes(community)
    yield from _catalogue_mistakes(community)
    handles, topics = {each.handle for each in community.members}, {each.slug for each in community.topics}
    for thread in community.threads:
        place = f"{thread.category}, “{thread.title}”:"
        yield from (f"{place} nobody is called {name}" for name in {thread.by, *_repliers(thread)} - handles)
        yield from (f"{place} there is no topic {slug}" for slug in set(thread.topics) - topics)
        yield from (f"{place} {mistake}" for mistake in _thread_mistakes(thread))
    titles = {each.title for each in community.threads}
    for draft in (*community.drafts, *community.held):
        yield from (f"draft: there is no thread “{title}”" for title in {draft.reply_to} - {"", *titles})
        yield from (f"draft: nobody is called {name}" for name in {draft.by} - handles)
    for flag in community.flags:
        yield from (f"flag: there is no thread “{title}”" for title in {flag.thread} - titles)
        yield from (f"flag: nobody is called {name}" for name in {flag.by} - handles)


def _catalogue_mistakes(community: Community) -> Iterator[str]:
    catalogue, handles = community.catalogue, {each.handle for each in community.members}
    kinds = {each.kind for each in catalogue.products} | {each.kind for each in catalogue.suggestions}
    yield from (f"catalog: there is no kind {kind}" for kind in kinds - set(catalogue.kinds))
    silent = set(catalogue.kinds) - {each.name for each in catalogue.talk}
    yield from (f"reviews: nothing is said of the kind {kind}" for kind in silent)
    people = {each.by for each in catalogue.speakers} | {each.by for each in catalogue.suggestions}
    yield from (f"catalog: nobody is called {name}" for name in people - handles)


def _people_mistakes(community: Community) -> Iterator[str]:
    districts, groups = {each.name for each in community.districts}, {each.slug for each in community.groups}
    categories = {each.slug for each in community.categories}
    for member in community.members:
        yield from (f"{member.handle}: there is no district {name}" for name in {member.district} - {"", *districts})
        yield from (f"{member.handle}: there is no group {slug}" for slug in {member.group} - {"", *groups})
        yield from (f"{member.handle}: there is no category {slug}" for slug in set(member.moderates) - categories)
        if not (member.district or member.domain):
            yield f"{member.handle}: neither a district nor a domain"
    for category in community.categories:
        yield from (f"{category.slug}: there is no group {slug}" for slug in set(category.groups) - groups)
        yield from (f"{category.slug}: there is no category {slug}" for slug in {category.parent} - {None, *categories})
    for request in community.join_requests:
        yield from (f"{request.address}: there is no district {name}" for name in {request.district} - {"", *districts})


def _repliers(thread: Thread) -> set[str]:
    return {reply.by for reply in thread.replies}


def _thread_mistakes(thread: Thread) -> Iterator[str]:
    """What is wrong with one thread by itself: a member could not have sent it, or its times run backwards."""
    try:
        ThreadDraft(thread.category, thread.kind, thread.title, thread.body, " ".join(thread.topics), "demo").check()
    except Invalid as problem:
        yield from problem.fields.values()
    hours = [0.0, *(reply.after_hours for reply in thread.replies), thread.age_days * 24]
    if hours != sorted(hours):
        yield "replies are not in the order of their times, or lie in the future"
    if thread.accepted is not None:
        yield from _answer_mistakes(thread, thread.accepted)
    for number, reply in enumerate(thread.replies, start=1):
        yield from (f"reply {number}: {problem}" for problem in body_problems(reply.body).values())
        if bool(reply.edited) != bool(reply.before):
            yield f"reply {number}: an edited reply says why and what was there before"
        if reply.deleted and reply.helpful:
            yield f"reply {number}: deleted replies are not marked helpful"


def _answer_mistakes(thread: Thread, accepted: int) -> Iterator[str]:
    if thread.kind != "question":
        yield "only questions have an accepted answer"
    if not 0 < accepted <= len(thread.replies) or thread.replies[accepted - 1].deleted:
        yield f"there is no reply {accepted} to accept"
