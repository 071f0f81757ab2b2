"""Shapes of the audit room."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

THE_SITE = 1  # the subject "site" of acts that are about all of it


@dataclass(frozen=True)
class Act:
    """Something done, to be recorded.

    name: noun.verbed ("thread.moved"). subject: kind and id of what it was done to. before, after: the few fields
    that changed, without people's words or addresses. is_public: every member may read that it happened.
    """

    name: str
    subject_kind: str
    subject_id: int
    category_id: int | None = None
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None
    reason: str = ""
    is_public: bool = False


@dataclass(frozen=True)
class Entry:
    """Something done, as recorded; `actor_name` is None for the system, and where the actor is gone."""

    id: int
    act: str
    actor_id: int | None
    actor_name: str | None
    actor_handle: str | None
    subject_kind: str
    subject_id: int
    category_id: int | None
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    reason: str
    is_public: bool
    created_at: datetime
