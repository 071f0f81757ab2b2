"""What PostgreSQL's documents are limited by: lexemes beside their stems that begin as no stem of a text does. Pure."""

import hashlib
from collections.abc import Iterable

from forum.search.types import Document, Limits, Sought
from forum.search.words import words_of

HEAD = "#head"  # the opening post of a thread, and whatever is no post: what has a title of its own
ANSWERED, UNANSWERED = "#answered", "#unanswered"


def tags_of(document: Document) -> list[str]:
    """Everything a document can be limited by."""
    tags = [
        f"#d{document.kind}",
        f"#c{document.category_id}",
        f"#m{document.at:%Y%m}",
        f"#y{document.at:%Y}",
        *(f"#a{audience}" for audience in document.audiences),
        *(f"#k{kind}" for kind in document.kinds),
        *(f"#t{topic}" for topic in document.topics),
        *(f"#p{product_id}" for product_id in document.product_ids),
    ]
    if document.author_id:
        tags.append(f"#b{document.author_id}")
    if document.is_answered is not None:
        tags.append(ANSWERED if document.is_answered else UNANSWERED)
    if is_head(document):
        tags += [HEAD, whole_title(document.title)]
    return tags


def is_head(document: Document) -> bool:
    return document.number <= 1


def whole_title(title: str) -> str:
    """The tag of a title as a whole, whatever its signs and capitals."""
    return "#x" + hashlib.blake2b(" ".join(words_of(title)).encode(), digest_size=8).hexdigest()


def stem_in_title(lexeme: str) -> str:
    return f"={lexeme}"


def limits_of(sought: Sought) -> list[str]:
    """What the question wants a document to hold, as parts of a tsquery that are all required."""
    return [one_of(tags) for tags in wanted_by(sought.limits)]


def wanted_by(limits: Limits) -> list[list[str]]:
    """Tags of which a document must hold one, for each kind of limit, the narrowest first."""
    wanted = [
        [f"#b{author_id}" for author_id in limits.author_ids],
        [f"#p{product_id}" for product_id in limits.product_ids],
        [f"#t{topic}" for topic in limits.topics],
        [f"#c{category_id}" for category_id in limits.category_ids],
        [f"#k{kind}" for kind in limits.kinds],
        [] if limits.is_answered is None else [ANSWERED if limits.is_answered else UNANSWERED],
    ]
    return [tags for tags in wanted if tags]


def kinds_of(sought: Sought) -> str:
    """As `limits_of`: one of the kinds."""
    return one_of(f"#d{kind}" for kind in sought.kinds)


def rights_of(sought: Sought) -> list[str]:
    """As `limits_of`: what the reader may read."""
    if sought.scope is None:
        return []
    return [
        one_of(f"#c{category_id}" for category_id in sought.scope.category_ids),
        one_of(f"#a{audience}" for audience in sought.scope.audiences),
    ]


def quoted(lexeme: str) -> str:
    """A lexeme as it stands in a tsquery."""
    return "'" + lexeme.replace("\\", "\\\\").replace("'", "''") + "'"


def one_of(lexemes: Iterable[str]) -> str:
    """A part of a tsquery: one of these lexemes."""
    return any_of(map(quoted, lexemes))


def any_of(parts: Iterable[str]) -> str:
    return "(" + " | ".join(parts) + ")"


def all_of(parts: Iterable[str]) -> str:
    return " & ".join(parts)
