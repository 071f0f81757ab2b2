"""Documents as Meilisearch holds them: the words of a post in the field of its role, so that places can be ranked."""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC

from forum.search.ranking import worth
from forum.search.types import Document, Key

MOST_IN_A_BATCH = 1000
MOST_BYTES_IN_A_BATCH = 1_000_000
BODIES = {"answer": "answer", "question": "question", "reply": "reply", "": "text"}  # field by role
IN_A_THREAD = ("answer", "reply")  # roles whose title is their thread's, not their own


def as_sent(document: Document) -> dict[str, object]:
    """The document as Meilisearch is sent it, with the `version` that tells whether it still is what it should be."""
    sent: dict[str, object] = {
        "id": document.key.name,
        "kind": document.kind,
        "group": document.group,
        "group_key": f"thread-{document.group}" if document.group else document.key.name,
        "thread_title" if document.role in IN_A_THREAD else "title": document.title,
        BODIES[document.role]: document.body,
        "kinds": document.kinds,
        "category_id": document.category_id,
        "audiences": document.audiences,
        "author_id": document.author_id,
        "topics": document.topics,
        "product_ids": document.product_ids,
        "is_answered": document.is_answered,
        "at": int(document.at.astimezone(UTC).timestamp()),
        "worth": worth(document.at, is_answered=document.is_answered, helpful=document.helpful),
    }
    return sent | {"version": version_name(document.version)}


def version_name(version: int) -> str:
    """The version as Meilisearch keeps it: its numbers lose digits."""
    return f"{version:x}"


def version_named(name: str) -> int:
    """The version that Meilisearch keeps under that name; 0 for one that is none of ours."""
    try:
        return int(name, 16)
    except ValueError:
        return 0


def key_named(name: str, group: int = 0) -> Key:
    """The key that engines know as "post-17". Raises ValueError for another word."""
    kind, _, ref_id = name.rpartition("-")
    return Key(kind, int(ref_id), group)


def batches(documents: Iterable[Document]) -> Iterator[bytes]:
    """JSON lists of up to 1,000 documents and, unless one alone is larger, one megabyte."""
    pieces: list[bytes] = []
    size = 0
    for document in documents:
        piece = _written(as_sent(document))
        if pieces and (len(pieces) == MOST_IN_A_BATCH or size + len(piece) > MOST_BYTES_IN_A_BATCH):
            yield _listed(pieces)
            pieces, size = [], 0
        pieces.append(piece)
        size += len(piece) + len(", ")
    if pieces:
        yield _listed(pieces)


def _listed(pieces: list[bytes]) -> bytes:
    return b"[" + b", ".join(pieces) + b"]"


def _written(sent: dict[str, object]) -> bytes:
    return json.dumps(sent).encode()
