"""What is recorded, for tests of the administrators' acts."""

from forum.kit.db import rows


async def acts(db) -> list[tuple[str, dict, dict]]:
    """Every recorded act with what was before and after, oldest first."""
    found = await rows(db, "SELECT act, before, after FROM audit_entry ORDER BY id")
    return [(row["act"], row["before"], row["after"]) for row in found]
