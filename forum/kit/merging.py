"""A form that is saved over what was changed since it was opened: three states of the same fields, merged."""

from collections.abc import Mapping
from typing import TypeVar

V = TypeVar("V")


def merged(shown: Mapping[str, V], sent: Mapping[str, V], now: Mapping[str, V]) -> dict[str, V]:
    """What is to stand: of each field what was sent, where its sender changed what the form had shown, else what
    stands now. All three have the same fields; what says something only together is one field.
    """
    return {name: now[name] if sent[name] == shown[name] else sent[name] for name in now}


def clashing(shown: Mapping[str, V], sent: Mapping[str, V], now: Mapping[str, V]) -> list[str]:
    """The fields in which `merged` puts what was sent over something else that was saved meanwhile."""
    return [name for name in now if sent[name] != shown[name] != now[name] != sent[name]]
