"""Connections to relays are kept; a test that made some ends them."""

import pytest

from forum.kit.relay import Relay


@pytest.fixture(autouse=True)
async def _relays_are_closed(monkeypatch):
    """For a whole file of tests: import it there."""
    made, begin = [], Relay.__init__

    def remember(relay, *arguments, **named):
        begin(relay, *arguments, **named)
        made.append(relay)

    monkeypatch.setattr(Relay, "__init__", remember)
    yield
    for relay in made:
        await relay.aclose()
