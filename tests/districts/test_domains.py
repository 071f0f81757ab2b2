"""Which district a mail domain belongs to."""

import asyncio

import pytest

from forum.districts.commands import add_district
from forum.districts.queries import district_of_domain, districts
from forum.kit.db import value
from forum.kit.errors import Invalid


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


async def test_adding_a_district_again_keeps_what_is_not_said_anew(db):
    await add_district(db, "Pine County", state="Ohio", enrolment=4100, domains=["pine.org"])
    await add_district(db, " Pine County ", domains=["pine.org", "pine.k12.org"])

    assert [(each.name, each.state, each.enrolment) for each in await districts(db)] == [("Pine County", "Ohio", 4100)]


async def test_a_domain_of_another_district_stays_there(db):
    await add_district(db, "Pine County", domains=["pine.org"])

    with pytest.raises(Invalid) as refusal:
        await add_district(db, "Oak County", domains=["oak.org", "PINE.org"])

    assert refusal.value.fields == {"domains": "pine.org belongs to Pine County already."}
    assert [each.name for each in await districts(db)] == ["Pine County"]
    assert await district_of_domain(db, "oak.org") is None


@pytest.mark.parametrize(
    "domain",
    [
        *("org", "", ".", "pine.", ".org", "pine..org", "-pine.org", "pine-.org", "pine_.org", "p ne.org"),
        *("@pine.org", "pine.org\nevil.org", "schüle.org", "192.0.2.1", "%.org", "*.org"),
        *("x" * 64 + ".org", "x." * 130 + "org"),
    ],
)
async def test_what_is_no_mail_domain_is_refused_and_leaves_nothing(db, domain):
    with pytest.raises(Invalid) as refusal:
        await add_district(db, "Pine County", domains=["pine.org", domain])

    assert refusal.value.fields["domains"].endswith("is no email domain: write it as district.org.")
    assert await districts(db) == []


@pytest.mark.parametrize("domain", ["pine.org", "k12.oh.us", "a-b.xn--p1ai", "1.pine.org", "x" * 63 + ".org"])
async def test_mail_domains(db, domain):
    await add_district(db, "Pine County", domains=[domain])

    assert (await district_of_domain(db, domain)).name == "Pine County"


@pytest.mark.parametrize(
    ("name", "fields", "field"),
    [
        ("", {}, "name"),
        ("   ", {}, "name"),
        ("x" * 121, {}, "name"),
        ("Pine\nCounty", {}, "name"),
        ("Pine", {"state": "x" * 61}, "state"),
        ("Pine", {"enrolment": -1}, "enrolment"),
        ("Pine", {"enrolment": 2**40}, "enrolment"),
    ],
)
async def test_a_district_that_will_not_do_is_refused_with_a_sentence(db, name, fields, field):
    with pytest.raises(Invalid) as refusal:
        await add_district(db, name, **fields)

    assert set(refusal.value.fields) == {field}
    assert refusal.value.fields[field].endswith(".")
