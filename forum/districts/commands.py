"""Writes of the districts room."""

from collections.abc import Sequence

from forum.kit.db import Database, run, value


async def add_district(
    db: Database, name: str, *, state: str = "", enrolment: int | None = None, domains: Sequence[str] = ()
) -> int:
    """Add a district with its mail domains, or complete the one of that name. Returns its id."""
    async with db.transaction():
        district_id: int = await value(
            db,
            """
            INSERT INTO district (name, state, enrolment)
            VALUES (:name, :state, :enrolment)
            ON CONFLICT (name) DO UPDATE SET state = excluded.state, enrolment = excluded.enrolment
            RETURNING id
            """,
            name=name,
            state=state,
            enrolment=enrolment,
        )
        await run(
            db,
            """
            INSERT INTO district_domain (domain, district_id)
            SELECT lower(domain), :district_id FROM unnest(CAST(:domains AS text[])) domain
            ON CONFLICT (domain) DO UPDATE SET district_id = excluded.district_id
            """,
            district_id=district_id,
            domains=list(domains),
        )
    return district_id
