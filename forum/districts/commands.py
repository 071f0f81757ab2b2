"""Writes of the districts room."""

from collections.abc import Sequence

from forum.districts.types import DistrictDraft
from forum.kit.db import Database, rows, run, value
from forum.kit.errors import Invalid


async def add_district(
    db: Database, name: str, *, state: str = "", enrolment: int | None = None, domains: Sequence[str] = ()
) -> int:
    """Add a district with its mail domains, or complete the one of that name. Returns its id. Raises Invalid."""
    draft = DistrictDraft(name.strip(), state.strip(), enrolment, [domain.strip().lower() for domain in domains])
    draft.check()
    async with db.transaction():
        district_id: int = await value(
            db,
            """
            INSERT INTO district (name, state, enrolment)
            VALUES (:name, :state, :enrolment)
            ON CONFLICT (name) DO UPDATE
            SET state = coalesce(nullif(excluded.state, ''), district.state),
                enrolment = coalesce(excluded.enrolment, district.enrolment)
            RETURNING id
            """,
            name=draft.name,
            state=draft.state,
            enrolment=draft.enrolment,
        )
        await _add_domains(db, district_id, draft.domains)
    return district_id


async def _add_domains(db: Database, district_id: int, domains: Sequence[str]) -> None:
    await run(
        db,
        """
        INSERT INTO district_domain (domain, district_id)
        SELECT domain, :district_id FROM unnest(CAST(:domains AS text[])) domain
        ORDER BY domain
        ON CONFLICT (domain) DO NOTHING
        """,
        district_id=district_id,
        domains=list(domains),
    )
    others = await rows(
        db,
        """
        SELECT m.domain, d.name FROM district_domain m JOIN district d ON d.id = m.district_id
        WHERE m.domain = ANY(CAST(:domains AS text[])) AND m.district_id <> :district_id
        ORDER BY m.domain
        """,
        domains=list(domains),
        district_id=district_id,
    )
    if others:
        raise Invalid(domains=f"{others[0]['domain']} belongs to {others[0]['name']} already.")
