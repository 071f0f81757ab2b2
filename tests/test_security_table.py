"""The table of docs/security.md is whole: each class once, each with tests that exist or a reason."""

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
CLASSES = 64
TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def table() -> list[list[str]]:
    """The cells of each row."""
    lines = (ROOT / "docs" / "security.md").read_text().splitlines()
    return [re.split(r"\s*\|\s*", line)[1:-1] for line in lines if re.match(r"\| \d", line)]


@cache
def names_in(path: str) -> set[str]:
    """The tests of a file, unless they are always skipped."""
    functions = (
        node
        for node in ast.walk(ast.parse((ROOT / path).read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    return {
        each.name
        for each in functions
        if each.name.startswith("test_")
        and not any("mark.skip" in ast.unparse(mark) or "xfail" in ast.unparse(mark) for mark in each.decorator_list)
    }


def test_each_class_stands_in_the_table_once():
    assert [row[0] for row in table()] == [str(number) for number in range(1, CLASSES + 1)]
    for row in table():
        assert len(row) == 4, row[0]
        assert row[1], row[0]


def test_each_class_has_tests_or_a_reason_why_it_does_not_apply():
    for number, _, how, proof in table():
        if TEST.search(proof):
            assert how, number
            assert TEST.sub("", proof).strip() == "", number
        else:
            assert re.match(r"does not apply: .{20,}", proof), number


def test_every_test_that_is_named_exists():
    named = sorted(set(TEST.findall((ROOT / "docs" / "security.md").read_text())))
    missing = [f"{path}::{name}" for path, name in named if not (ROOT / path).exists() or name not in names_in(path)]

    assert len(named) > 150
    assert missing == [], "The test was renamed or removed: say in docs/security.md which one holds the row now."


def test_the_table_is_linked():
    for page in ("README.md", "CONTRIBUTING.md"):
        assert "docs/security.md" in (ROOT / page).read_text()
