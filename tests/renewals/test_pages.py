"""The pages of one's own district's contracts."""

import re
from datetime import date, timedelta

import pytest

from forum.kit.db import value
from tests.factories import a_member, sign_in_as
from tests.products.catalogue import a_product
from tests.renewals.contracts import IN_A_YEAR, a_contract, a_keeper

TODAY = date.today()
FORM = {
    "product": "Lantern",
    "ends_on": IN_A_YEAR.isoformat(),
    "notice_days": "90",
    "term_months": "12",
    "yearly_cost": "$1,200",
    "visibility": "us",
    "note": "A note",
}


@pytest.fixture
async def ann(db, web):
    return await sign_in_as(web, db, await a_keeper(db))


async def test_contracts_stand_in_the_order_of_their_notice_and_words_say_what_is_past(db, web, ann):
    for days, notice in ((400, 60), (10, 90), (100, 99), (-10, 5)):
        await a_contract(db, ann, ends_on=TODAY + timedelta(days=days), notice_days=str(notice))

    page = (await web.get("/renewals")).text

    words = re.findall(r'<span class="badge badge-\w+">([^<]+)</span>', page)
    assert words[0] == "Notice day has passed"
    assert re.fullmatch(r"\d days? left|Last day for notice", words[1])
    assert re.fullmatch(r"\d{3} days left", words[2])
    assert words[3:] == ["Ended"]


async def test_a_contract_is_added_changed_and_removed_with_forms_alone(db, web, ann):
    await a_product(db, "Lantern")
    assert (await web.get("/renewals/new")).status_code == 200
    added = await web.post("/renewals/new", data=FORM)
    assert (added.status_code, added.headers["location"]) == (303, "/renewals?notice=contract-added")
    contract_id = await value(db, "SELECT id FROM contract")

    form = (await web.get(f"/renewals/{contract_id}/edit")).text
    assert all(f'value="{text}"' in form for text in ("Lantern", IN_A_YEAR.isoformat(), "90", "12", "1,200"))
    saved = await web.post(f"/renewals/{contract_id}/edit", data=FORM | {"notice_days": "120", "version": "1"})
    assert saved.status_code == 303
    assert await value(db, "SELECT notice_days FROM contract") == 120

    assert "Remove this contract?" in (await web.get(f"/renewals/{contract_id}/remove")).text
    assert await value(db, "SELECT count(*) FROM contract") == 1
    assert (await web.post(f"/renewals/{contract_id}/remove")).status_code == 303
    assert await value(db, "SELECT count(*) FROM contract") == 0


async def test_what_was_typed_stays_when_it_will_not_do(db, web, ann):
    contract_id = await a_contract(db, ann)
    for path in ("/renewals/new", f"/renewals/{contract_id}/edit"):
        more = {"version": "1"} if path.endswith("edit") else {}
        answer = await web.post(path, data=FORM | more | {"yearly_cost": "-7", "product": "Unheard of"})

        assert answer.status_code == 422
        assert 'value="-7"' in answer.text
        assert 'value="Unheard of"' in answer.text
        assert "from 0 to 100,000,000 dollars" in answer.text


async def test_whoever_saves_second_sees_their_words_and_saves_again(db, web, ann):
    contract_id = await a_contract(db, ann)
    path = f"/renewals/{contract_id}/edit"
    await web.post(path, data=FORM | {"version": "1"})

    late = await web.post(path, data=FORM | {"note": "Later words", "version": "1"})

    assert late.status_code == 409
    assert "Somebody else changed this contract" in late.text
    assert "Later words" in late.text
    assert (await web.post(path, data=FORM | {"note": "Later words", "version": "2"})).status_code == 303
    assert await value(db, "SELECT note FROM contract") == "Later words"


async def test_each_of_fourteen_months_says_what_is_due(db, web, ann):
    await a_contract(db, ann, ends_on=TODAY + timedelta(days=100), notice_days="100")

    page = (await web.get("/renewals/months")).text

    assert page.count('class="month card') == 14
    assert (page.count("Last day for notice"), page.count(">Ends<")) == (1, 1)


@pytest.mark.parametrize("role", ["guest", "vendor"])
async def test_guests_and_vendors_see_nothing_of_the_room(db, web, role):
    contract_id = await a_contract(db, visibility="members")
    if role == "vendor":
        await sign_in_as(web, db, await a_keeper(db, role="vendor"))

    for path in ("/renewals", "/renewals/new", "/renewals/months", "/renewals/others"):
        answer = await web.get(path)
        assert (answer.status_code, "Lantern" in answer.text) == (403, False), path
    for path in (f"/renewals/{contract_id}/edit", f"/renewals/{contract_id}/remove"):
        for answer in (await web.get(path), await web.post(path, data=FORM | {"version": "1"})):
            assert answer.status_code in (404, 422), path
    assert 'href="/renewals"' not in (await web.get("/")).text
    assert await value(db, "SELECT count(*) FROM contract") == 1


async def test_somebody_without_a_district_is_told_what_to_do(db, web):
    await sign_in_as(web, db, await a_member(db))

    page = await web.get("/renewals")

    assert page.status_code == 200
    assert "Say in your profile which district you work for first." in page.text
    assert (await web.get("/renewals/new")).status_code == 403
