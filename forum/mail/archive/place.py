"""Puts stored mails into threads: new threads where nobody sees them yet, batch by batch."""

from collections.abc import AsyncIterator, Callable, Sequence
from itertools import groupby

from forum.kit.db import Database, Row, rows, run, value
from forum.mail.archive.authors import Authors
from forum.mail.archive.conversations import Conversations, Entry, Titled, reading_order, subject_links
from forum.mail.archive.store import Target, merge
from forum.mail.archive.titles import BRACKET, NO_TITLE, bracketed
from forum.threads.bulk import OldPost, OldThread, insert_posts, insert_threads

CONVERSATIONS = 400
MAILS = 800
POSTS = 400
SUBJECTS = 500
FEWEST_FOR_PREFIX = 20

ENTRY_COLUMNS = """
    m.id, m.conversation_id, m.message_id, m.reference_ids, m.sent_at, m.title,
    m.author_key, m.author_name, m.author_address, m.is_placed, m.post_id
"""


async def match_subjects(db: Database, target: Target) -> int:
    """Joins each waiting "Re:" without ids to the mail before it of the same subject. Returns how many joined."""
    joined, after = 0, ""
    while subjects := await _orphans_subjects(db, target, after):
        after = subjects[-1]
        async with db.transaction():
            joined += await _match(db, target, subjects)
    return joined


async def list_prefix(db: Database, target: Target) -> str:
    """The list's name in brackets that begins most titles of the archive, in lower case; "" when there is none."""
    found = await rows(
        db,
        """
        SELECT m.title
        FROM mail_message m
        WHERE m.category_id = :category_id
        ORDER BY m.id
        LIMIT 2000
        """,
        category_id=target.category_id,
    )
    names = [bracketed(row["title"]) for row in found]
    most = max(set(names), key=names.count, default="")
    return most if len(names) >= FEWEST_FOR_PREFIX and names.count(most) * 2 > len(names) else ""


async def place_new_threads(
    db: Database, target: Target, authors: Authors, prefix: str, advance: Callable[[int], None]
) -> None:
    """Makes a hidden thread of every conversation that has none, telling how many mails each batch placed."""
    async for batch in _new_conversations(db, target):
        async with db.transaction():
            mails = await entries(db, batch)
            groups = [list(group) for _, group in groupby(mails, key=lambda mail: mail["conversation_id"])]
            ordered = [in_order(group) for group in groups]
            thread_ids = await _insert_threads(db, target, authors, ordered, prefix)
            posts = [
                (thread_id, number, mail)
                for thread_id, group in zip(thread_ids, ordered, strict=True)
                for number, mail in enumerate(group, start=1)
            ]
            await insert_mails(db, authors, posts)
        advance(len(posts))


async def entries(db: Database, conversation_ids: Sequence[int]) -> Sequence[Row]:
    """The mails of these conversations without their texts."""
    return await rows(
        db,
        f"""
        SELECT {ENTRY_COLUMNS}
        FROM mail_message m
        WHERE m.conversation_id = ANY(CAST(:ids AS bigint[]))
        ORDER BY m.conversation_id, m.id
        """,
        ids=list(conversation_ids),
    )


def in_order(mails: Sequence[Row]) -> list[Row]:
    """The mails of one conversation as they are read."""
    order = reading_order([Entry(mail["message_id"], mail["reference_ids"], mail["sent_at"]) for mail in mails])
    return [mails[index] for index in order]


def title_of(mails: Sequence[Row], prefix: str) -> str:
    """The first title that says something, without the list's name."""
    title: str = next((mail["title"] for mail in mails if mail["title"] != NO_TITLE), NO_TITLE)
    bracket = BRACKET.match(title)
    return (title[bracket.end() :] or title) if bracket and prefix and bracketed(title) == prefix else title


async def insert_mails(db: Database, authors: Authors, places: Sequence[tuple[int, int, Row]]) -> None:
    """Makes posts of mails, each given with its thread and number; their texts are loaded a few at a time."""
    for start in range(0, len(places), POSTS):
        some = places[start : start + POSTS]
        texts = await _texts(db, [mail["id"] for _, _, mail in some])
        posts = [
            OldPost(
                thread_id=thread_id,
                number=number,
                author_id=authors.member_id(mail),
                source=texts[mail["id"]]["source"],
                html=texts[mail["id"]]["html"],
                created_at=mail["sent_at"],
                client_key=f"mail:{mail['id']}",
            )
            for thread_id, number, mail in some
        ]
        await _note_posts(db, [mail["id"] for _, _, mail in some], await insert_posts(db, posts))


async def waiting_count(db: Database, target: Target) -> int:
    """How many mails are not yet in a thread."""
    count: int = await value(
        db,
        "SELECT count(*) FROM mail_message m WHERE m.category_id = :category_id AND NOT m.is_placed",
        category_id=target.category_id,
    )
    return count


async def _orphans_subjects(db: Database, target: Target, after: str) -> list[str]:
    found = await rows(
        db,
        """
        SELECT DISTINCT m.subject_key
        FROM mail_message m
        WHERE m.category_id = :category_id AND m.is_orphan AND NOT m.is_placed AND m.subject_key > :after
        ORDER BY m.subject_key
        LIMIT :limit
        """,
        category_id=target.category_id,
        after=after,
        limit=SUBJECTS,
    )
    return [row["subject_key"] for row in found]


async def _match(db: Database, target: Target, subjects: list[str]) -> int:
    found = await rows(
        db,
        """
        SELECT m.id, m.conversation_id, m.subject_key, m.sent_at, m.is_orphan AND NOT m.is_placed AS is_orphan
        FROM mail_message m
        WHERE m.category_id = :category_id AND m.subject_key = ANY(CAST(:subjects AS text[]))
        ORDER BY m.subject_key, m.sent_at, m.id
        """,
        category_id=target.category_id,
        subjects=subjects,
    )
    conversation = {row["id"]: row["conversation_id"] for row in found}
    together: Conversations[int] = Conversations()
    for links in subject_links(
        Titled(row["id"], row["subject_key"], row["sent_at"], row["is_orphan"]) for row in found
    ):
        together.join(conversation[each] for each in links)
    joined = 0
    for group in together.groups():
        winner, *others = sorted(group)
        if others:
            await merge(db, winner, others)
            joined += len(others)
    return joined


async def _new_conversations(db: Database, target: Target) -> AsyncIterator[list[int]]:
    """Batches of conversations without a thread, about 800 mails each."""
    after = 0
    while True:
        found = await rows(
            db,
            """
            SELECT m.conversation_id, count(*) AS mails
            FROM mail_message m
            JOIN mail_conversation v ON v.id = m.conversation_id
            WHERE m.category_id = :category_id AND NOT m.is_placed AND m.conversation_id > :after
              AND v.thread_id IS NULL
              AND NOT EXISTS (SELECT 1 FROM mail_conversation o WHERE o.merged_into = v.id AND o.thread_id IS NOT NULL)
            GROUP BY m.conversation_id
            ORDER BY m.conversation_id
            LIMIT :limit
            """,
            category_id=target.category_id,
            after=after,
            limit=CONVERSATIONS,
        )
        if not found:
            return
        batch: list[int] = []
        mails = 0
        for row in found:
            if batch and mails + row["mails"] > MAILS:
                break
            batch.append(row["conversation_id"])
            mails += row["mails"]
        after = batch[-1]
        yield batch


async def _insert_threads(
    db: Database, target: Target, authors: Authors, groups: Sequence[Sequence[Row]], prefix: str
) -> list[int]:
    threads = [
        OldThread(
            author_id=authors.member_id(mails[0]),
            kind=target.kind,
            title=title_of(mails, prefix),
            created_at=mails[0]["sent_at"],
            active_at=max(mail["sent_at"] for mail in mails),
            post_count=len(mails),
            client_key=f"mail:{mails[0]['id']}",
        )
        for mails in groups
    ]
    thread_ids = await insert_threads(db, target.staging_id, threads)
    await run(
        db,
        """
        UPDATE mail_conversation v SET thread_id = n.thread_id
        FROM unnest(CAST(:ids AS bigint[]), CAST(:thread_ids AS bigint[])) n (id, thread_id)
        WHERE v.id = n.id
        """,
        ids=[mails[0]["conversation_id"] for mails in groups],
        thread_ids=thread_ids,
    )
    return thread_ids


async def _texts(db: Database, mail_ids: Sequence[int]) -> dict[int, Row]:
    found = await rows(
        db,
        "SELECT m.id, m.source, m.html FROM mail_message m WHERE m.id = ANY(CAST(:ids AS bigint[]))",
        ids=list(mail_ids),
    )
    return {row["id"]: row for row in found}


async def _note_posts(db: Database, mail_ids: Sequence[int], post_ids: Sequence[int]) -> None:
    await run(
        db,
        """
        UPDATE mail_message m SET is_placed = true, post_id = n.post_id, source = '', html = ''
        FROM unnest(CAST(:ids AS bigint[]), CAST(:post_ids AS bigint[])) n (id, post_id)
        WHERE m.id = n.id
        """,
        ids=list(mail_ids),
        post_ids=list(post_ids),
    )
