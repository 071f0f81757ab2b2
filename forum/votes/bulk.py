"""Many helpful marks at once, with their dates. Who may do so, and the posts' counts, are the caller's."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from forum.kit.db import Database, copy


@dataclass(frozen=True, slots=True)
class KnownVote:
    """A member found a post helpful."""

    member_id: int
    post_id: int
    created_at: datetime


async def insert_votes(db: Database, votes: Iterable[KnownVote]) -> None:
    """Add marks that are not there yet, one for a member and post."""
    records = ((each.member_id, each.post_id, each.created_at) for each in votes)
    await copy(db, "helpful_vote", ("member_id", "post_id", "created_at"), records)
