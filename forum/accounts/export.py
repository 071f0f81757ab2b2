"""Everything the forum holds of one member, as one file to take along."""

import asyncio
import io
import json
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from forum.accounts.policy import may_export
from forum.accounts.types import Holdings
from forum.audit.commands import record
from forum.audit.types import Act
from forum.kit import limits
from forum.kit.db import Database
from forum.kit.holdings import Rows
from forum.members.types import Actor

EXPORTS_A_DAY = 10
READ_ME = """Everything this forum holds of {handle}, as of {day}.

Each file is JSON, one list of rows, named for the part of the forum it is from. Posts of categories you may no
longer read are not in it. Times are UTC.
"""


async def export(db: Database, actor: Actor, holdings: Holdings) -> bytes:
    """A zip with one JSON file for each list a room holds of `actor`. Raises Forbidden, TooMany after 10 a day."""
    may_export(actor).require()
    await limits.count(db, f"export member {actor.id}", most=EXPORTS_A_DAY, seconds=86_400)
    lists = {
        f"{holding.room}/{name}.json": rows
        for holding in holdings
        for name, rows in (await holding.export(db, actor)).items()
    }
    await record(db, actor.id, Act("member.exported", "member", actor.id or 0))
    return await asyncio.to_thread(_packed, actor.handle, lists)


def _packed(handle: str, lists: Mapping[str, Rows]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", READ_ME.format(handle=handle, day=datetime.now(UTC).date().isoformat()))
        for name, rows in lists.items():
            archive.writestr(
                name, json.dumps([dict(row) for row in rows], indent=2, default=_plain, ensure_ascii=False)
            )
    return file.getvalue()


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
