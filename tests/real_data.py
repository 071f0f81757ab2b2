"""Where the real mail archives and hostile inputs lie; they are never part of the repository."""

import os
from pathlib import Path

import pytest

DATA = Path(os.environ.get("FORUM_TEST_DATA") or Path(__file__).parents[2] / "shared" / "data")

needs_data = pytest.mark.skipif(
    not DATA.is_dir(), reason=f"no real data in {DATA}: set FORUM_TEST_DATA to a folder that holds it"
)
