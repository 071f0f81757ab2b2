"""Writes of the districts room."""

from collections.abc import Sequence

from forum.districts.district_lists import ListedDistrict
from forum.districts.types import RULES, DistrictDraft, checked_domain
from forum.kit.db import Database, rows, run, value
from forum.kit.errors import Invalid


async def add_district(
    db: Database,
    name: str,
    *,
    state: str = "",
    enrolment: int | None = None,
    domains: Sequence[str] = (),
    locale: str = "",
    time_zone: str = "",
) -> int:
    """Add a district with its mail domains, or complete the one of that name. Returns its id. Raises Invalid.

    locale: a key of LOCALES; time_zone: a name of the IANA database. "" leaves what was there.
    """
    names = [domain.strip().lower() for domain in domains]
    draft = DistrictDraft(name.strip(), state.strip(), enrolment, names, locale, time_zone)
    draft.check()
    async with db.transaction():
        district_id: int = await value(
            db,
            """
            INSERT INTO district (name, state, enrolment, locale, time_zone)
            VALUES (:name, :state, :enrolment, :locale, :time_zone)
            ON CONFLICT (name) DO UPDATE
            SET state = coalesce(nullif(excluded.state, ''), district.state),
                enrolment = coalesce(excluded.enrolment, district.enrolment),
                locale = coalesce(nullif(excluded.locale, ''), district.locale),
                time_zone = coalesce(nullif(excluded.time_zone, ''), district.time_zone)
            RETURNING id
            """,
            name=draft.name,
            state=draft.state,
            enrolment=draft.enrolment,
            locale=draft.locale,
            time_zone=draft.time_zone,
        )
        await _add_domains(db, district_id, draft.domains)
    return district_id


async def bring_districts(db: Database, listed: Sequence[ListedDistrict]) -> int:
    """Add the districts of a list that have no problem, or complete those that are there; all, or none on an error.

    Returns how many are new.
    """
    count = "SELECT count(*) FROM district"
    async with db.transaction():
        before: int = await value(db, count)
        good = (each.draft for each in listed if not each.problem)
        for each in sorted(good, key=lambda draft: draft.name):  # so that two who do this at once do not lock up
            await add_district(
                db,
                each.name,
                state=each.state,
                enrolment=each.enrolment,
                locale=each.locale,
                time_zone=each.time_zone,
            )
        after: int = await value(db, count)
    return after - before


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


async def add_domain(db: Database, district_id: int, domain: str) -> None:
    """Let the people of a mail domain join that district by themselves. Raises Invalid."""
    domain = checked_domain(domain)
    async with db.transaction():
        if not await value(db, "SELECT d.id FROM district d WHERE d.id = :district_id", district_id=district_id):
            raise Invalid(district_id="Choose a district of the list.")
        await _add_domains(db, district_id, [domain])


async def remove_domain(db: Database, domain: str) -> bool:
    """Nobody of that domain joins by themselves any more; who has joined stays. Returns whether it was there."""
    return await run(db, "DELETE FROM district_domain WHERE domain = :domain", domain=domain.strip().lower()) > 0


async def add_rule(db: Database, kind: str, domain: str) -> None:
    """Block a mail domain ("blocked"), or hold its people for approval ("vendor"). Raises Invalid."""
    if kind not in RULES:
        raise Invalid(kind="Choose one of those offered.")
    await run(
        db,
        """
        INSERT INTO domain_rule (domain, kind) VALUES (:domain, :kind)
        ON CONFLICT (domain) DO UPDATE SET kind = excluded.kind
        """,
        domain=checked_domain(domain),
        kind=kind,
    )


async def remove_rule(db: Database, domain: str) -> bool:
    """The domain is like any other again. Returns whether there was a rule."""
    return await run(db, "DELETE FROM domain_rule WHERE domain = :domain", domain=domain.strip().lower()) > 0
