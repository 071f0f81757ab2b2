"""Reads of the districts room."""

from forum.districts.types import District
from forum.kit.db import Database, first, many


async def districts(db: Database) -> list[District]:
    """All districts by name."""
    return await many(db, District, "SELECT d.id, d.name, d.state, d.enrolment FROM district d ORDER BY d.name, d.id")


async def district_of_domain(db: Database, domain: str) -> District | None:
    """The district whose mail domain is `domain` or ends it on a dot: its own subdomains, never a longer name."""
    labels = domain.split(".")
    return await first(
        db,
        District,
        """
        SELECT d.id, d.name, d.state, d.enrolment
        FROM district_domain m
        JOIN district d ON d.id = m.district_id
        WHERE m.domain = ANY(CAST(:suffixes AS text[]))
        ORDER BY length(m.domain) DESC
        LIMIT 1
        """,
        suffixes=[".".join(labels[start:]) for start in range(len(labels))],
    )
