"""How many districts renew what when, and what nobody can work out of it."""

from collections import Counter
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forum.kit.db import rows, run
from forum.members.types import GUEST
from forum.renewals import queries
from forum.renewals.days import months_from, months_on
from forum.renewals.policy import FEWEST
from tests.factories import a_category, a_member, sign_in_as
from tests.renewals.contracts import a_contract, a_keeper

MONTHS = months_from(date.today())
NEXT = MONTHS[3]


async def many_renew(db, *visibilities, product="Lantern", day=None):
    for number, visibility in enumerate(visibilities):
        keeper = await a_keeper(db, f"District {number}")
        await a_contract(db, keeper, product, ends_on=day or NEXT, visibility=visibility)


async def shown(db, actor=None) -> list[tuple[str, date, int]]:
    found = await queries.renewing(db, actor or await a_member(db), MONTHS[0])
    return [(each.product_name, each.month, each.districts) for each in found]


@pytest.mark.parametrize(
    ("visibilities", "number"),
    [
        (("members",) * 2, 0),
        (("members",) * 3, 3),
        (("staff",) * 2, 0),
        (("staff",) * 3, 3),
        (("us",) * 5, 0),
        (("members", "members", "staff"), 0),
        (("members", "members", "staff", "staff"), 0),
        (("members", "members", "members", "staff", "staff"), 3),
        (("members", "staff", "staff", "staff"), 4),
        (("members", "members", "members", "us", "us", "us"), 3),
    ],
)
async def test_a_number_is_shown_from_three_districts_on(db, visibilities, number):
    await many_renew(db, *visibilities)

    assert [districts for *_, districts in await shown(db)] == ([number] if number else [])


async def test_a_district_counts_once_a_month_and_each_month_for_itself(db):
    await many_renew(db, *("members",) * 3)
    keeper = await a_keeper(db, "District 0")
    await a_contract(db, keeper, ends_on=NEXT.replace(day=28), visibility="members")
    await a_contract(db, keeper, ends_on=months_on(NEXT, 1), visibility="members")

    assert await shown(db) == [("Lantern", NEXT, 3)]


@pytest.mark.parametrize(
    ("day", "is_shown"), [(MONTHS[0], True), (MONTHS[-1], True), (months_on(MONTHS[0], 14), False)]
)
async def test_the_map_holds_fourteen_months(db, day, is_shown):
    await many_renew(db, *("members",) * 3, day=day)

    assert bool(await shown(db)) is is_shown


async def test_guests_and_vendors_read_no_number(db):
    await many_renew(db, *("members",) * 3)

    assert await shown(db, GUEST) == []
    assert await shown(db, await a_keeper(db, role="vendor")) == []


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.integers(0, 7), st.sampled_from(("us", "staff", "members")), st.integers(0, 1), st.integers(0, 1)),
        max_size=24,
    )
)
async def test_no_group_of_one_or_two_districts_can_be_worked_out(db, contracts):
    """Whoever subtracts what they can count by hand is left with nothing, or with three districts and more."""
    await run(db, "DELETE FROM contract")
    await many_renew(db, *("us",) * 8, product="Lantern")
    await many_renew(db, *("us",) * 8, product="Beacon")
    districts = [row["id"] for row in await rows(db, "SELECT d.id FROM district d ORDER BY d.id")]
    products = [row["id"] for row in await rows(db, "SELECT pr.id FROM product pr ORDER BY pr.id")]
    reader = await a_member(db)
    await run(db, "DELETE FROM contract")
    for district, visibility, product, month in contracts:
        await run(
            db,
            """
            INSERT INTO contract (district_id, product_id, ends_on, term_months, visibility)
            VALUES (:district, :product, :day, 12, :visibility)
            """,
            district=districts[district],
            product=products[product],
            day=MONTHS[3 + month],
            visibility=visibility,
        )

    by_hand = Counter()
    for product, month in {(p, m) for _, v, p, m in contracts if v == "members"}:
        by_hand[product, MONTHS[3 + month]] = len(
            {d for d, v, p, m in contracts if v == "members" and (p, m) == (product, month)}
        )
    names = {"Lantern": 0, "Beacon": 1}
    for name, month, number in await shown(db, reader):
        assert number >= FEWEST
        assert number - by_hand[names[name], month] not in (1, 2)


async def test_the_page_has_no_sums_and_a_number_leads_to_a_thread(db, web):
    await many_renew(db, *("members",) * 4)
    await many_renew(db, *("members",) * 2, product="Beacon")
    await sign_in_as(web, db, await a_member(db))
    await a_category(db)

    page = (await web.get("/renewals/map")).text

    assert "Beacon" not in page
    assert page.count('class="heat-cell') == 1
    assert page.count("fewer than 3</span>") == 13
    path = page.partition('class="heat-cell')[2].partition('href="')[2].partition('"')[0].replace("&amp;", "&")
    form = (await web.get(path)).text
    assert f"Renewing Lantern in {NEXT:%B %Y}: negotiate together?" in form


async def test_an_empty_map_says_so(db, web):
    await sign_in_as(web, db, await a_member(db))

    assert "No product is renewed by 3 districts" in (await web.get("/renewals/map")).text
