"""Embedded databases that are gone after the test."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from forum.kit.embedded import Embedded


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Embedded]]:
    """Starts the database in a folder, `tmp_path` unless told otherwise, and stops it after the test."""
    started: list[Embedded] = []

    def start_one(folder: Path = tmp_path, **options: Any) -> Embedded:
        database = Embedded(folder, **{"fsync": False, **options})
        database.start()
        started.append(database)
        return database

    yield start_one
    for database in started:
        database.stop()
