"""Templates of reasons: administrators write them, moderators choose among them."""

from forum.audit import commands as audit
from forum.audit.types import Act
from forum.kit.db import Database, run, value
from forum.kit.errors import Invalid
from forum.kit.text import has_controls, has_words, one_line
from forum.members.policy import require_admin
from forum.members.types import Actor
from forum.moderation.types import MAX_LETTER, MAX_NAME

MOST = 50


async def save_reason(db: Database, actor: Actor, name: str, letter: str) -> None:
    """Add a template, or change the letter of the one called so. Raises NotFound, Unconfirmed, Invalid."""
    require_admin(actor)
    name, letter = one_line(name), letter.strip()
    _check(name, letter)
    async with db.transaction():
        await run(db, "SELECT pg_advisory_xact_lock(hashtext('reason_template'))")
        reason_id = await value(
            db,
            """
            INSERT INTO reason_template (name, letter)
            SELECT :name, :letter WHERE (SELECT count(*) FROM reason_template s WHERE s.name <> :name) < :most
            ON CONFLICT (name) DO UPDATE SET letter = excluded.letter
            RETURNING id
            """,
            name=name,
            letter=letter,
            most=MOST,
        )
        if reason_id is None:
            raise Invalid(name=f"{MOST} reasons are enough to choose among. Take one away first.")
        await audit.record(db, actor.id, Act("reason.saved", "reason_template", reason_id))


def _check(name: str, letter: str) -> None:
    problems = {}
    if not has_words(name) or len(name) > MAX_NAME or has_controls(name):
        problems["name"] = f"A name on one line, at most {MAX_NAME} characters."
    if not has_words(letter) or len(letter) > MAX_LETTER:
        problems["letter"] = f"What the author reads, at most {MAX_LETTER} characters; this has {len(letter)}."
    if problems:
        raise Invalid(**problems)


async def drop_reason(db: Database, actor: Actor, reason_id: int) -> None:
    """Take a template away; twice is once. Raises NotFound, Unconfirmed."""
    require_admin(actor)
    async with db.transaction():
        if await run(db, "DELETE FROM reason_template WHERE id = :reason_id", reason_id=reason_id):
            await audit.record(db, actor.id, Act("reason.dropped", "reason_template", reason_id))
