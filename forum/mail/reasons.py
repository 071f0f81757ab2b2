"""Why somebody hears of a post, in words, and what the link beside them stops."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple, Protocol

from forum.kit.db import Database, rows
from forum.kit.text import one_line
from forum.members.mail_words import named

Names = Mapping[tuple[str, int], str]

# They know the name, or would see it with the post.
NAMES_SQL = """
    SELECT 'topic' AS kind, o.id, '#' || o.slug AS name FROM topic o WHERE o.id = ANY(CAST(:topic AS bigint[]))
    UNION ALL
    SELECT 'product', pr.id, pr.name FROM product pr WHERE pr.id = ANY(CAST(:product AS bigint[]))
    UNION ALL
    SELECT 'vendor', v.id, v.name FROM vendor v WHERE v.id = ANY(CAST(:vendor AS bigint[]))
    UNION ALL
    SELECT 'category', c.id, c.name FROM category c WHERE c.id = ANY(CAST(:category AS bigint[]))
    UNION ALL
    SELECT 'person', m.id, m.name FROM member m WHERE m.id = ANY(CAST(:person AS bigint[]))
"""
NAMED_KINDS = ("topic", "product", "vendor", "category", "person")


class Reason(NamedTuple):
    """why: for a sentence after "because"; "" where the thread says it. stop_words, stop_kind: of its link, as in
    addresses.Click.
    """

    why: str
    stop_words: str
    stop_kind: str

    def stop_id(self, target_id: int, thread_id: int) -> int:
        """What the link is about, of what is followed and the thread it was heard in."""
        return {"thread": thread_id, "mentions": 0, "everything": 0}.get(self.stop_kind, target_id)


REASONS = {
    "mentioned": Reason("it mentions you", "Stop email about mentions of you", "mentions"),
    **dict.fromkeys(("asked", "replied", "thread"), Reason("", "Stop email about this thread", "thread")),
    "search": Reason("a search you follow found it", "Stop email about this saved search", "search"),
    "everything": Reason("you follow everything here", "Stop following everything", "everything"),
    "topic": Reason("you follow {}", "Stop email about this topic", "topic"),
    "product": Reason("you follow {}", "Stop email about this product", "product"),
    "vendor": Reason("you follow {}", "Stop email about this vendor", "vendor"),
    "category": Reason("you follow {}", "Stop email about this category", "category"),
    "person": Reason("you follow {}", "Stop email about what this person writes", "person"),
}


def why(reason: str, target_id: int, names: Names) -> str:
    """For a sentence after "because"; "" for what a thread itself says. names: as of `names_of`."""
    return REASONS[reason].why.format(names.get((reason, target_id), "it"))


class ForReason(Protocol):
    """Anything that somebody is told for a reason: the kind of what they follow, with its id, or as in `REASONS`."""

    @property
    def reason(self) -> str: ...

    @property
    def target_id(self) -> int: ...


async def names_of(db: Database, told: Iterable[ForReason]) -> Names:
    """By kind and id, what they hear of it by is called, as it stands in mails."""
    reasons = {(each.reason, each.target_id) for each in told}
    wanted = {kind: sorted(target_id for reason, target_id in reasons if reason == kind) for kind in NAMED_KINDS}
    found = await rows(db, NAMES_SQL, **wanted)
    return {(row["kind"], row["id"]): named(one_line(row["name"])) for row in found}
