"""Reads of the districts room."""

from forum.districts.types import District, DistrictDomain, DomainBook, DomainRule, suffixes
from forum.kit.db import Database, first, many, rows


async def districts(db: Database) -> list[District]:
    """All districts by name."""
    return await many(db, District, "SELECT d.id, d.name, d.state, d.enrolment FROM district d ORDER BY d.name, d.id")


async def kind_of_domain(db: Database, domain: str) -> str:
    """What the rules say of a mail domain: "blocked", "vendor" or "". A rule holds for subdomains too."""
    kinds = await rows(
        db,
        "SELECT u.kind FROM domain_rule u WHERE u.domain = ANY(CAST(:suffixes AS text[])) ORDER BY u.kind",
        suffixes=suffixes(domain),
    )
    return kinds[0]["kind"] if kinds else ""


async def domain_book(db: Database) -> DomainBook:
    """Every rule about mail domains at once, for many addresses."""
    return DomainBook(
        districts={
            row["domain"]: row["district_id"]
            for row in await rows(db, "SELECT m.domain, m.district_id FROM district_domain m")
        },
        kinds={row["domain"]: row["kind"] for row in await rows(db, "SELECT u.domain, u.kind FROM domain_rule u")},
    )


async def domains(db: Database) -> list[DistrictDomain]:
    """The mail domains whose people join a district by themselves, by district."""
    return await many(
        db,
        DistrictDomain,
        """
        SELECT m.domain, d.id AS district_id, d.name AS district_name
        FROM district_domain m JOIN district d ON d.id = m.district_id
        ORDER BY d.name, d.id, m.domain
        """,
    )


async def rules(db: Database) -> list[DomainRule]:
    """Blocked domains and those of vendors, by name."""
    return await many(db, DomainRule, "SELECT u.domain, u.kind FROM domain_rule u ORDER BY u.kind, u.domain")


async def open_district(db: Database, domain: str) -> District | None:
    """The district that people of this mail domain may join by themselves: none where a rule blocks or holds them."""
    return None if await kind_of_domain(db, domain) else await district_of_domain(db, domain)


async def district_of_domain(db: Database, domain: str) -> District | None:
    """The district whose mail domain is `domain` or ends it on a dot: its own subdomains, never a longer name."""
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
        suffixes=suffixes(domain),
    )
