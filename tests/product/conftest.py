"""Starting sites and leaving nothing behind."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.product.running import Site, eventually


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Site]]:
    """Starts a site in ./var below the test's own folder; nothing of it is left after the test."""
    sites: list[Site] = []

    def start_one(*words: str, var: Path = tmp_path / "var", ready: bool = True, **options: Any) -> Site:
        site = Site(var, *words, **options)
        sites.append(site)
        if ready:
            site.wait_until_ready()
        return site

    yield start_one
    for site in sites:
        if site.process.poll() is None:
            site.kill_everything()
        site.process.communicate()
    for site in sites:
        assert eventually(lambda site=site: not site.processes(), 10)
