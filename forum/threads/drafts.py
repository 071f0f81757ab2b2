"""Text that has not been sent yet, kept on the server."""

import re
from collections.abc import Mapping

from forum.kit.db import Database, first, many, run
from forum.kit.errors import Invalid
from forum.members.policy import may_have_settings
from forum.members.types import Actor
from forum.threads.types import FACT_FIELDS, MAX_BODY, VENDORS_OUT, Draft

FIELDS = ("title", "body", "category", "kind", "topics", VENDORS_OUT, *FACT_FIELDS)
MOST_KEPT = 100
KEY = re.compile(r"ask|event|thread:[0-9]{1,18}")


async def save_draft(db: Database, actor: Actor, key: str, form: Mapping[str, str]) -> None:
    """Keep what was typed so far; nothing typed drops the draft. Raises Forbidden, Invalid."""
    may_have_settings(actor).require()
    if not KEY.fullmatch(key):
        raise Invalid(draft_key="Reload the page; your text is kept in this browser.")
    fields = {name: form[name][: 2 * MAX_BODY] for name in FIELDS if form.get(name, "").strip()}
    if not fields.keys() & {"title", "body"}:
        await drop_draft(db, actor, key)
        return
    await run(
        db,
        """
        INSERT INTO draft (member_id, key, fields)
        SELECT :member_id, :key, :fields
        WHERE (SELECT count(*) FROM draft d WHERE d.member_id = :member_id AND d.key <> :key) < :most
        ON CONFLICT (member_id, key) DO UPDATE SET fields = excluded.fields, saved_at = now()
        """,
        member_id=actor.id,
        key=key,
        fields=fields,
        most=MOST_KEPT,
    )


async def drop_draft(db: Database, actor: Actor, key: str) -> None:
    """Forget a draft: it was sent, or thrown away."""
    await run(db, "DELETE FROM draft WHERE member_id = :member_id AND key = :key", member_id=actor.id, key=key)


async def draft(db: Database, actor: Actor, key: str) -> Draft | None:
    """What `actor` typed under that key, if anything."""
    return await first(
        db,
        Draft,
        "SELECT d.key, d.fields, d.saved_at FROM draft d WHERE d.member_id = :member_id AND d.key = :key",
        member_id=actor.id,
        key=key,
    )


async def drafts(db: Database, actor: Actor) -> list[Draft]:
    """All drafts of `actor`, newest first."""
    return await many(
        db,
        Draft,
        """
        SELECT d.key, d.fields, d.saved_at FROM draft d
        WHERE d.member_id = :member_id
        ORDER BY d.saved_at DESC, d.key
        LIMIT :most
        """,
        member_id=actor.id,
        most=MOST_KEPT,
    )
