"""Which district a mail domain belongs to."""

import asyncio

import pytest
from asyncpg import CheckViolationError

from forum.districts.commands import add_district
from forum.districts.queries import district_of_domain, districts
from forum.kit.db import value


@pytest.mark.parametrize("domain", ["district.org", "k12.district.org", "mail.k12.district.org"])
async def test_a_domain_and_what_stands_before_it_on_a_dot_belong_to_the_district(db, domain):
    await add_district(db, "Pine County", domains=["district.org"])

    assert (await district_of_domain(db, domain)).name == "Pine County"


@pytest.mark.parametrize(
    "domain", ["evil-district.org", "evildistrict.org", "district.org.evil", "org", "strict.org", "", ".", "%", "_"]
)
async def test_a_longer_or_shorter_name_belongs_to_nobody(db, domain):
    await add_district(db, "Pine County", domains=["district.org"])

    assert await district_of_domain(db, domain) is None


async def test_the_closest_domain_decides(db):
    await add_district(db, "Whole state", domains=["k12.org"])
    await add_district(db, "Pine County", domains=["pine.k12.org"])

    assert (await district_of_domain(db, "mail.pine.k12.org")).name == "Pine County"
    assert (await district_of_domain(db, "oak.k12.org")).name == "Whole state"


async def test_domains_are_kept_in_small_letters(db):
    await add_district(db, "Pine County", domains=["District.ORG"])

    assert (await district_of_domain(db, "district.org")).name == "Pine County"


async def test_adding_a_district_again_completes_it(db):
    first = await add_district(db, "Pine County", domains=["pine.org"])
    again = await add_district(db, "Pine County", state="Ohio", enrolment=4100, domains=["pine.k12.org"])

    assert first == again
    assert [(each.name, each.state, each.enrolment) for each in await districts(db)] == [("Pine County", "Ohio", 4100)]
    assert await value(db, "SELECT count(*) FROM district_domain") == 2


async def test_adding_a_district_at_the_same_moment_adds_one(db):
    ids = await asyncio.gather(*(add_district(db, "Pine County", domains=["pine.org"]) for _ in range(5)))

    assert len(set(ids)) == 1


async def test_a_district_that_will_not_do_leaves_nothing(db):
    with pytest.raises(CheckViolationError):
        await add_district(db, "Pine County", domains=["x" * 300])

    assert await districts(db) == []
