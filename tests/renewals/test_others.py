"""What other districts see of a contract."""

from datetime import date, timedelta

import pytest

from forum.members.types import GUEST
from forum.renewals import queries
from tests.factories import a_member, an_admin, sign_in_as
from tests.renewals.contracts import a_contract, a_keeper

TODAY = date.today()
START = (date.min, 0)


@pytest.fixture
async def pine(db):
    """A district with a contract for each circle of those who may see it."""
    keeper = await a_keeper(db)
    for visibility in ("us", "staff", "members"):
        await a_contract(db, keeper, f"For {visibility}", visibility=visibility, yearly_cost="4999", note="Our secret")
    return keeper


async def seen(db, actor):
    found = await queries.others_contracts(db, actor, TODAY, after=START)
    return [(each.product_name, each.yearly_cents) for each in found]


async def test_each_circle_sees_its_own_and_only_administrators_the_price(db, pine):
    assert await seen(db, await a_keeper(db, "Oak")) == [("For members", None)]
    assert await seen(db, await a_member(db)) == [("For members", None)]
    assert await seen(db, await an_admin(db)) == [("For staff", 499900), ("For members", 499900)]
    assert await seen(db, pine) == []
    for outsider in (await a_member(db, role="vendor"), await a_keeper(db, role="vendor"), GUEST):
        assert await seen(db, outsider) == []
        assert await queries.contracts(db, outsider) == []


async def test_what_is_over_is_not_shown_and_pages_follow_each_other(db, web, monkeypatch):
    monkeypatch.setattr(queries, "OTHERS_A_PAGE", 2)
    pine = await a_keeper(db)
    for number in range(5):
        await a_contract(db, pine, ends_on=TODAY + timedelta(days=number), visibility="members")
    await a_contract(db, pine, "Gone", ends_on=TODAY - timedelta(days=3), visibility="members")
    await sign_in_as(web, db, await a_member(db))

    page, names = "/renewals/others", []
    while page:
        text = (await web.get(page)).text
        names += [part.split("</p>")[0] for part in text.split("Pine County")[1:]]
        page = text.partition('rel="next" href="')[2].partition('"')[0]

    assert len(names) == 5
    assert "Gone" not in text


@pytest.mark.parametrize(
    "after", ["", "x", "2027-13-01.5", "2027-01-01", "2027-01-01.x", "9999-12-31.999999999999999999"]
)
async def test_an_odd_place_in_the_list_is_no_breakdown(db, web, pine, after):
    await sign_in_as(web, db, await a_member(db))

    assert (await web.get("/renewals/others", params={"after": after})).status_code == 200


async def test_a_page_for_members_holds_no_price_and_no_note(db, web, pine):
    await sign_in_as(web, db, await a_member(db))

    page = (await web.get("/renewals/others")).text

    assert "For members" in page
    assert not any(word in page for word in ("4,999", "Our secret", "For us", "For staff"))
