"""Receipts of what is honored once and is not a form of a session: kept where those of forms are, in form_receipt."""

import hashlib

from forum.kit.db import Database, value


async def is_first(db: Database, text: str) -> bool:
    """Whether nobody handed in `text` within the last two days; within the caller's transaction, whoever comes
    meanwhile waits for it.
    """
    mark = hashlib.sha256(b"once\0" + text.encode()).digest()
    kept = await value(
        db,
        "INSERT INTO form_receipt (mark, location) VALUES (:mark, '') ON CONFLICT DO NOTHING RETURNING mark",
        mark=mark,
    )
    return kept is not None
