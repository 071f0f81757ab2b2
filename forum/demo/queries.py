"""What loading the demo asks the database."""

from collections import defaultdict

from forum.categories.policy import READABLE
from forum.kit.db import Database, rows, value


async def is_inhabited(db: Database) -> bool:
    """Whether there are members already."""
    found: bool = await value(db, "SELECT EXISTS (SELECT 1 FROM member)")
    return found


async def readers(db: Database) -> dict[str, list[str]]:
    """Who may read each category: handles in alphabetical order by the category's slug."""
    found = await rows(
        db,
        f"""
        SELECT c.slug, r.handle
        FROM category c
        CROSS JOIN member r
        WHERE r.state = 'active' AND {READABLE}
        ORDER BY r.handle, c.slug
        """,
    )
    by_category: dict[str, list[str]] = defaultdict(list)
    for row in found:
        by_category[row["slug"]].append(row["handle"])
    return by_category
