"""A word of its own in every text column of every row, so that whatever leaks can be told from where it leaked."""

import re
import secrets
import string
from dataclasses import dataclass
from typing import Any

from forum.kit.db import Database, Row, rows, run

CANARY = re.compile(r"zqx[a-z]{12}")

# Tables that hold no words of people: the machinery of jobs, counts and receipts; and what search has of other tables'
# words, by which things are found and which is never shown.
MACHINERY = re.compile(
    r"pgqueuer.*|schema_migration|limit_count|form_receipt|screen_mail|passkey_challenge"
    r"|search_(document|word|month|change)"
)

# How a word must be dressed to fit its column.
DRESSED = {
    "address": "{}@district.example",
    "domain": "{}.example",
    "html": "<p>{}</p>",
    "secret": "{}a",
}
# JSON that holds words of people, and the shape it has.
JSON = {"draft.fields": {"body": "{}", "title": "{}", "topics": ""}}

# Columns whose words the forum chooses itself, or compares byte for byte: a canary would only break the row.
FIXED = {
    "colour",
    "client_key",
    "act",
    "subject_kind",
    "device",
    "session.place",
    "key",
    "format",
    "kind",
    "state",
    "role",
}
FIXED |= {
    "default_kind",
    "provider",
    "issuer",
    "subject",
    "verdict",
    "purpose",
    "accent",
    "logo_hash",
    "path",
    "happened",
}

COLUMNS_SQL = """
    SELECT c.relname AS table_name, a.attname AS column_name,
           EXISTS (SELECT 1 FROM pg_constraint k
                   WHERE k.conrelid = c.oid AND k.contype = 'c' AND a.attnum = ANY(k.conkey)
                   AND pg_get_constraintdef(k.oid) LIKE '%ANY (ARRAY[%') AS is_chosen
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
    WHERE c.relkind = 'r' AND a.atttypid = CAST('text' AS regtype)
    ORDER BY c.relname, a.attnum
"""


@dataclass(frozen=True)
class Planted:
    """Where a canary sits: the row as it was read, by column."""

    column: str
    row: Row


async def text_columns(db: Database) -> list[tuple[str, str]]:
    """Every table and column that can hold somebody's words."""
    found = await rows(db, COLUMNS_SQL)
    return [
        (row["table_name"], row["column_name"])
        for row in found
        if not (row["is_chosen"] or _is_fixed(row) or MACHINERY.fullmatch(row["table_name"]))
    ]


def _is_fixed(row: Row) -> bool:
    return bool({row["column_name"], f"{row['table_name']}.{row['column_name']}"} & FIXED)


def canary() -> str:
    return "zqx" + "".join(secrets.choice(string.ascii_lowercase) for _ in range(12))


async def plant(db: Database) -> dict[str, Planted]:
    """Give every text column of every row a canary. Returns where each sits."""
    columns: dict[str, list[str]] = {}
    for table, column in [*await text_columns(db), *(tuple(name.split(".")) for name in JSON)]:
        columns.setdefault(table, []).append(column)
    planted: dict[str, Planted] = {}
    for table, names in columns.items():
        for number, row in enumerate(await rows(db, f"SELECT * FROM {table}")):
            words = {name: canary() for name in names}
            await _dress(db, table, row, words)
            planted |= {word: Planted(f"{table}.{name}", {**row, "_number": number}) for name, word in words.items()}
    return planted


async def _dress(db: Database, table: str, row: Row, words: dict[str, str]) -> None:
    dressed = {name: _dressed(f"{table}.{name}", word) for name, word in words.items()}
    changes = ", ".join(f"{name} = :new_{name}" for name in words)
    same = " AND ".join(f"{name} IS NOT DISTINCT FROM :old_{name}" for name in identity(row))
    values: dict[str, Any] = {f"new_{name}": text for name, text in dressed.items()}
    values |= {f"old_{name}": row[name] for name in identity(row)}
    assert await run(db, f"UPDATE {table} SET {changes} WHERE {same}", **values) == 1, (table, dict(row))


def _dressed(column: str, word: str) -> object:
    if column in JSON:
        return {name: shape.format(word) for name, shape in JSON[column].items()}
    return DRESSED.get(column.partition(".")[2], "{}").format(word)


def identity(row: Row) -> list[str]:
    """The columns that tell this row from its neighbours: its id, else everything short."""
    return ["id"] if "id" in row else [name for name, value in row.items() if not isinstance(value, dict | list)]
