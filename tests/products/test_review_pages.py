"""The pages of reviews: the form, the product, the vendor's answer, who wrote it, peers."""

import pytest

from forum.kit.db import value
from forum.products import commands, prices, queries, speaking
from forum.products.types import UseDraft
from tests.factories import a_member, an_admin, sign_in_as
from tests.products.catalogue import a_product
from tests.products.reviews import a_place, a_review, a_reviewer

SENT = {"stars": "4", "works": "Quick to block.", "show_as": "name", "version": "0", "act": "save"}


@pytest.fixture
async def slug(db):
    await a_place(db)
    return await a_product(db, "Lantern Filter")


@pytest.fixture
async def ann(db, web):
    return await sign_in_as(web, db, await a_reviewer(db, name="Ann Lee"))


async def speaker(db, slug):
    vic, admin = await a_member(db, role="vendor"), await an_admin(db)
    await speaking.let_speak(db, admin, (await queries.product(db, admin, slug)).vendor_id, vic.handle)
    return vic


async def test_a_review_is_previewed_as_others_will_see_it_and_then_kept(db, web, slug, ann):
    form, path = f"/products/{slug}/review", f"/products/{slug}"
    assert "Eight questions" in (await web.get(form)).text

    preview = await web.post(form, data=SENT | {"act": "preview", "show_as": "size", "price": "4.20"})
    assert "What others will see" in preview.text
    shown = preview.text.partition("What others will see")[2].partition("</section>")[0]
    assert ("A district" in shown, "Ann Lee" in shown, "4.20" in shown) == (True, False, False)
    assert 'value="4.20"' in preview.text
    assert await value(db, "SELECT count(*) FROM review") == 0

    assert (await web.post(form, data=SENT)).status_code == 303
    page = (await web.get(path)).text
    assert ("Quick to block." in page, "Ann Lee" in page, "1 of 3 districts" in page) == (True, True, True)
    again = await web.post(form, data=SENT | {"works": "Something else"})
    assert (again.status_code, "You have reviewed it already" in again.text) == (422, True)
    assert "Something else" in again.text
    assert (await web.post(form, data=SENT | {"works": "More", "version": "7"})).status_code == 409


@pytest.mark.parametrize(
    ("field", "text", "words"),
    [
        ("stars", "", "one to five stars"),
        ("stars", "9", "one to five stars"),
        ("price", "-4", "more than nothing"),
        ("price", "much", "an amount in dollars"),
        ("price", "99999999", "$1,000,000"),
        ("term_months", "900", "1 to 120"),
        ("ends_on", "soon", "year-month-day"),
        ("since_year", "2990", "a year from"),
        ("works", "x" * 4001, "At most 4,000"),
        ("left_for", "x" * 121, "at most 120"),
        ("would_renew", "perhaps", "those offered"),
        ("support", "7", "one to five"),
    ],
)
async def test_what_cannot_be_is_refused_with_a_sentence_and_kept(db, web, slug, ann, field, text, words):
    answer = await web.post(f"/products/{slug}/review", data=SENT | {field: text})

    kept = text if field == "works" else "Quick to block."
    assert (answer.status_code, words in answer.text, kept in answer.text) == (422, True, True)
    assert await value(db, "SELECT count(*) FROM post") == 0


async def test_a_preview_without_stars_asks_for_them(db, web, slug, ann):
    for stars in ("", "9"):
        answer = await web.post(f"/products/{slug}/review", data=SENT | {"act": "preview", "stars": stars})
        assert (answer.status_code, "one to five stars" in answer.text) == (422, True)


async def test_one_changes_confirms_and_takes_back_ones_review(db, web, slug, ann):
    path = f"/products/{slug}"
    await web.post(f"{path}/review", data=SENT)
    form = (await web.get(f"{path}/review")).text
    assert ("Quick to block." in form, 'name="version" id="version" value="1"' in form) == (True, True)
    assert (await web.post(f"{path}/review", data=SENT | {"works": "Slower", "version": "1"})).status_code == 303
    assert "Slower" in (await web.get(path)).text
    assert (await web.post(f"{path}/review/still-true")).status_code == 303
    assert (await web.post(f"{path}/review/withdraw")).status_code == 303
    assert "Nobody has reviewed it yet" in (await web.get(path)).text


async def test_a_vendor_answers_once_and_sees_no_price_no_rating_form_and_no_writer(db, web, slug):
    for n in range(5):
        by = await a_reviewer(db)
        await commands.say_use(db, by, slug, UseDraft(2019))
        await a_review(db, slug, 3, by=by, price=4 + n / 10, days=100, is_unnamed=True)
    await prices.publish(db)
    review_id = await value(db, "SELECT max(rv.id) FROM review rv")
    await sign_in_as(web, db, await speaker(db, slug))

    page = (await web.get(f"/products/{slug}")).text
    assert ("What districts pay stays among members" in page, "$4.20" in page) == (True, False)
    assert ("Vendors do not rate products" in page, "Who wrote it?" in page) == (True, False)
    refused = await web.post(f"/products/{slug}/review", data=SENT)
    assert (refused.status_code, "Quick to block." in refused.text) == (403, True)
    assert (await web.post("/products/peers", data={})).status_code == 403
    assert (await web.post(f"/reviews/{review_id}/writer")).status_code == 403
    answer = f"/reviews/{review_id}/answer"
    assert "One answer to each review" in (await web.get(answer)).text
    assert (await web.post(answer, data={"body": "", "version": "0"})).status_code == 422
    assert (await web.post(answer, data={"body": "Mended.", "version": "0"})).status_code == 303
    assert (await web.post(answer, data={"body": "Again.", "version": "0"})).status_code == 409
    assert "Mended." in (await web.get(f"/products/{slug}")).text


async def test_members_see_prices_and_choose_peers_that_are_remembered(db, web, slug, ann):
    for n in range(5):
        await a_review(db, slug, 5, price=4 + n / 10, days=100, by=await a_reviewer(db, enrolment=700))
    await prices.publish(db)
    path = f"/products/{slug}"
    page = (await web.get(path)).text
    assert ("$4.10 · $4.20 · $4.30" in page, "5 districts with under 1,000 students" in page) == (True, True)

    peers = {"size": "2500-4999", "state": "", "locale": "", "standing": "", "years": "0", "next": path}
    answer = await web.post("/products/peers", data=peers)
    assert (answer.status_code, answer.headers["location"]) == (303, path)
    page = (await web.get(path)).text
    assert ("$4.20" in page, "Districts like mine" in page, "No such review here" in page) == (False, True, True)
    assert (await web.post("/products/peers", data=peers | {"size": "huge"})).status_code == 422
    await web.post("/products/peers", data={"act": "all", "next": path})
    assert "$4.20" in (await web.get(path)).text


async def test_bars_lead_to_the_reviews_with_so_many_stars(db, web, slug, ann):
    for stars in (5, 5, 1):
        await a_review(db, slug, stars, works=f"Words of {stars}")
    page = (await web.get(f"/products/{slug}?stars=1")).text

    assert ("Words of 1" in page, "Words of 5" in page, f"/products/{slug}?stars=5#reviews" in page) == (
        True,
        False,
        True,
    )


async def test_administrators_see_who_wrote_it_and_choose_where_reviews_go(db, web, slug, ann):
    review_id = await a_review(db, slug, by=ann, is_unnamed=True)
    await sign_in_as(web, db, await an_admin(db))

    assert "Ann Lee" not in (await web.get(f"/products/{slug}")).text
    assert "Ann Lee" in (await web.post(f"/reviews/{review_id}/writer")).text
    assert (await web.post("/admin/products/reviews", data={"review_category": "reviews"})).status_code == 303
    assert (await web.post("/admin/products/reviews", data={"review_category": "no"})).status_code == 422


async def test_older_reviews_are_a_page_further(db, web, slug, ann):
    for n in range(21):
        await a_review(db, slug, 3, works=f"Words number {n}.")
    page = (await web.get(f"/products/{slug}")).text
    assert ("Words number 20." in page, "Words number 0." in page, "Older reviews" in page) == (True, False, True)
    after = await value(db, "SELECT min(rv.id) + 1 FROM review rv")
    assert "Words number 0." in (await web.get(f"/products/{slug}?after={after}")).text
