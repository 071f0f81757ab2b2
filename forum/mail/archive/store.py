"""Stores parsed mails and what belongs together, one committed batch at a time. Tables: mail_message,
mail_known_id, mail_conversation, mail_list_address."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from forum.kit.db import Database, copy, rows, run, value
from forum.mail.archive.conversations import Conversations
from forum.mail.archive.sorting import Notes, Seen, Sorted, Sorter, imposter_id, look_of
from forum.mail.archive.types import Mail

COLUMNS = (
    "category_id",
    "conversation_id",
    "message_id",
    "content_hash",
    "reference_ids",
    "sent_at",
    "author_key",
    "author_name",
    "author_address",
    "title",
    "subject_key",
    "is_orphan",
    "raw",
    "source",
    "html",
)


@dataclass(slots=True)
class Target:
    """Where an import goes: the category, this run's row, and where threads lie until it ends."""

    import_id: int
    category_id: int
    staging_id: int
    kind: str
    reveals: bool
    list_addresses: set[str] = field(default_factory=set)


async def store(db: Database, target: Target, batch: Sequence[tuple[Mail, bytes]]) -> Sorted[Seen]:
    """Adds the new mails of a batch, each with its raw bytes, and commits. Returns how the batch was sorted."""
    async with db.transaction():
        sorter = Sorter(Notes(await _seen(db, target, [mail for mail, _ in batch])))
        found = sorter.sort([mail for mail, _ in batch])
        conversation = await _conversations(db, target, found)
        await _note_list_addresses(db, target, found.mails)
        records = (
            _record(target, mail, conversation[mail.message_id], batch[position][1])
            for position, mail in zip(found.new, found.mails, strict=True)
        )
        await copy(db, "mail_message", COLUMNS, records)
    return found


async def merge(db: Database, into_id: int, ids: Sequence[int]) -> None:
    """Makes one conversation of several: the others point to it, and so does all that was theirs."""
    await run(
        db,
        "UPDATE mail_known_id SET conversation_id = :into_id WHERE conversation_id = ANY(CAST(:ids AS bigint[]))",
        into_id=into_id,
        ids=list(ids),
    )
    await run(
        db,
        "UPDATE mail_message SET conversation_id = :into_id WHERE conversation_id = ANY(CAST(:ids AS bigint[]))",
        into_id=into_id,
        ids=list(ids),
    )
    await run(
        db,
        """
        UPDATE mail_conversation SET merged_into = :into_id
        WHERE id = ANY(CAST(:ids AS bigint[])) OR merged_into = ANY(CAST(:ids AS bigint[]))
        """,
        into_id=into_id,
        ids=list(ids),
    )


def _record(target: Target, mail: Mail, conversation_id: int, raw: bytes) -> tuple[object, ...]:
    return (
        target.category_id,
        conversation_id,
        mail.message_id,
        mail.content_hash,
        list(mail.references),
        mail.sent_at,
        mail.author.key,
        mail.author.name,
        mail.author.address,
        mail.title,
        mail.subject_key,
        mail.may_match_by_subject,
        raw,
        mail.source,
        mail.html,
    )


async def _seen(db: Database, target: Target, mails: Sequence[Mail]) -> list[Seen]:
    """What is stored under the ids or with the contents of these mails."""
    found = await rows(
        db,
        """
        SELECT m.message_id, m.content_hash, m.author_name, m.subject_key
        FROM mail_message m
        WHERE m.category_id = :category_id
          AND (m.message_id = ANY(CAST(:ids AS text[])) OR m.content_hash = ANY(CAST(:hashes AS bytea[])))
        ORDER BY m.id
        """,
        category_id=target.category_id,
        ids=[mail.message_id for mail in mails] + [imposter_id(mail) for mail in mails],
        hashes=[mail.content_hash for mail in mails],
    )
    return [
        Seen(row["message_id"], row["content_hash"], look_of(row["author_name"], row["subject_key"])) for row in found
    ]


async def _conversations(db: Database, target: Target, found: Sorted[Seen]) -> dict[str, int]:
    """The conversation of every id in the batch, with new ones made and those that turn out to be one joined."""
    together: Conversations[str | int] = Conversations()
    for mail in found.mails:
        together.join((mail.message_id, *mail.references))
    for copy_id, original in found.aliases:
        together.join((copy_id, original.message_id))
    ids = [each for group in together.groups() for each in group]
    known = await rows(
        db,
        """
        SELECT k.message_id, k.conversation_id FROM mail_known_id k
        WHERE k.category_id = :category_id AND k.message_id = ANY(CAST(:ids AS text[]))
        """,
        category_id=target.category_id,
        ids=ids,
    )
    for row in known:
        together.join((row["conversation_id"], row["message_id"]))
    return await _numbered(db, target, together.groups(), {row["message_id"] for row in known})


async def _numbered(db: Database, target: Target, groups: list[list[str | int]], known: set[str]) -> dict[str, int]:
    """Gives each group the number it has, the lowest of several, or a new one; stores the ids that are new."""
    fresh = iter(await _new_conversations(db, target, sum(1 for g in groups if not any(isinstance(n, int) for n in g))))
    number: dict[str, int] = {}
    for group in groups:
        numbers = sorted(each for each in group if isinstance(each, int))
        winner = numbers[0] if numbers else next(fresh)
        if len(numbers) > 1:
            await merge(db, winner, numbers[1:])
        number |= {each: winner for each in group if isinstance(each, str)}
    new = [each for each in number if each not in known]
    await copy(
        db,
        "mail_known_id",
        ("category_id", "message_id", "conversation_id"),
        [(target.category_id, each, number[each]) for each in new],
    )
    return number


async def _new_conversations(db: Database, target: Target, count: int) -> list[int]:
    added = await rows(
        db,
        """
        INSERT INTO mail_conversation (category_id)
        SELECT :category_id FROM generate_series(1, CAST(:count AS integer))
        RETURNING id
        """,
        category_id=target.category_id,
        count=count,
    )
    return [row["id"] for row in added]


async def _note_list_addresses(db: Database, target: Target, mails: Sequence[Mail]) -> None:
    new = {address for mail in mails for address in mail.list_addresses} - target.list_addresses
    if new:
        await run(
            db,
            """
            INSERT INTO mail_list_address (category_id, address)
            SELECT :category_id, a.address FROM unnest(CAST(:addresses AS text[])) a (address)
            ON CONFLICT DO NOTHING
            """,
            category_id=target.category_id,
            addresses=sorted(new),
        )
        target.list_addresses |= new


async def conversation_count(db: Database, category_id: int) -> int:
    """How many conversations the mails of a category make."""
    count: int = await value(
        db,
        "SELECT count(DISTINCT m.conversation_id) FROM mail_message m WHERE m.category_id = :category_id",
        category_id=category_id,
    )
    return count
