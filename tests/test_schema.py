"""The schema's own promises: no text without a longest length."""

import re

import pytest

from forum.kit.db import rows

# The job library's tables are as it prints them; the record of migrations is written from file names.
NOT_OURS = re.compile(r"pgqueuer.*|schema_migration")
TEXTS = """
    SELECT c.relname AS table_name, a.attname AS name, a.attgenerated <> '' AS is_generated,
           format_type(a.atttypid, a.atttypmod) AS kind,
           coalesce(array_agg(pg_get_constraintdef(k.oid)) FILTER (WHERE k.oid IS NOT NULL), '{}') AS checks
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype = 'c' AND k.conkey @> ARRAY[a.attnum]
    WHERE c.relkind IN ('r', 'p') AND a.atttypid IN ('text'::regtype, 'text[]'::regtype, 'varchar'::regtype)
    GROUP BY c.relname, a.attname, a.attnum, a.attgenerated, a.atttypid, a.atttypmod
    ORDER BY c.relname, a.attnum
"""


def is_limited(name: str, checks: list[str]) -> bool:
    """Whether one of the checks says how long `name` may be: by length, by its choices, or by a bounded pattern."""
    column = rf"\(?\"?{name}\"?\)?"
    return any(
        re.search(rf"(?:length|cardinality)\({column}\) (?:<=|<|=)|\({column} = ANY \(ARRAY\[", check)
        or re.search(rf"(?:length|cardinality)\({column}\) >= \d+\)? AND", check)
        or ((pattern := re.search(rf"{column} ~ '\^([^']*)\$'", check)) and not re.search(r"[*+]|,}", pattern[1]))
        for check in checks
    )


async def test_every_text_of_the_schema_has_a_longest_length(db):
    found = await rows(db, TEXTS)
    endless = [
        f"{text['table_name']}.{text['name']}"
        for text in found
        if not (text["is_generated"] or NOT_OURS.fullmatch(text["table_name"]))
        and not is_limited(text["name"], text["checks"])
    ]

    assert len(found) > 40
    assert endless == [], (
        "Each text column says in a CHECK how long it may be, as in CHECK (length(name) <= 120), by its choices "
        "(IN …), or by a pattern without * and +: add that in the migration that makes the column."
    )


@pytest.mark.parametrize(
    ("check", "is_one"),
    [
        ("CHECK ((length(name) <= 120))", True),
        ("CHECK (((length(name) >= 1) AND (length(name) <= 120)))", True),
        ("CHECK ((name = ANY (ARRAY['a'::text, 'b'::text])))", True),
        ("CHECK ((name ~ '^[a-z]{1,38}$'::text))", True),
        ("CHECK ((name ~ '^[a-z]+$'::text))", False),
        ("CHECK ((name ~ '^[a-z]{1,}$'::text))", False),
        ("CHECK ((name ~ '[a-z]'::text))", False),
        ("CHECK ((length(name) >= 1))", False),
        ("CHECK ((length(title) <= 120))", False),
        ("CHECK ((name <> ''::text))", False),
    ],
)
def test_what_counts_as_a_longest_length(check, is_one):
    assert bool(is_limited("name", [check])) is is_one
