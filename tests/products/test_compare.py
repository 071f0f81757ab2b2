"""Products side by side: the page, the spreadsheet, the packet for a board, and choosing what to compare."""

import csv
import io
import re

import pytest

from forum.kit.db import run, value
from forum.kit.sheets import written
from forum.products import commands, prices, queries, reviewing, speaking
from forum.products.compare_types import Asked, Point, compare_path
from forum.products.score_types import Peers
from forum.products.types import UseDraft
from tests.factories import a_category, a_member, a_thread, an_admin, sign_in_as
from tests.products.catalogue import a_product
from tests.products.reviews import a_place, a_review, a_reviewer


@pytest.fixture
async def ann(db, web):
    await a_place(db)
    return await sign_in_as(web, db, await a_reviewer(db, name="Ann Lee"))


@pytest.fixture
async def pair(db):
    return [await a_product(db, "Lantern Filter"), await a_product(db, "Moss Filter", vendor="Beacon")]


async def rated(db, slug, *stars, **fields):
    for each in stars:
        await a_review(db, slug, each, **fields)


def cells(html: str, name: str) -> list[str]:
    """The cells of the row called `name`, as plain words."""
    row = re.search(rf'<tr[^>]*><th scope="row">{re.escape(name)}.*?</tr>', html, re.S)
    return [" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in re.findall(r"<td>(.*?)</td>", row[0], re.S)]


async def test_two_products_stand_side_by_side_and_the_better_one_is_marked_in_words(db, web, ann, pair):
    await rated(db, pair[0], 5, 5, 5, support=5, would_renew="yes")
    await rated(db, pair[1], 2, 2, 2, support=2, would_renew="no")
    await commands.say_use(db, ann, pair[0], UseDraft(2020))

    page = (await web.get(compare_path(pair))).text

    good, bad = cells(page, "Score, of 5")
    assert ("Best" in good, "Best" in bad, "3 districts, likely" in good) == (True, False, True)
    assert cells(page, "Support") == ["5.0 Best", "2.0"]
    assert cells(page, "Would renew") == ["100 % Best of 3 districts", "0 % of 3 districts"]
    assert [each[0] for each in cells(page, "Districts that run it")] == ["1", "0"]


async def test_nothing_is_best_where_only_one_is_known_or_all_are_the_same(db, web, ann, pair):
    await rated(db, pair[0], 4, 4, 4, support=3)
    await rated(db, pair[1], 4, 4, 4)
    page = (await web.get(compare_path(pair))).text

    assert "Best" not in " ".join([*cells(page, "Score, of 5"), *cells(page, "Support")])
    assert cells(page, "Support")[1] == "– no figure"


async def test_below_three_districts_there_is_a_count_and_no_score(db, web, ann, pair):
    await rated(db, pair[0], 5, 5)
    page = (await web.get(compare_path(pair))).text

    assert cells(page, "Score, of 5") == [
        "– no figure 2 of 3 districts reviewed it",
        "– no figure no reviews yet",
    ]


async def test_four_at_most_each_once_and_what_is_not_there_is_said(db, web, ann, pair):
    slugs = [*pair, *[await a_product(db) for _ in range(3)]]
    page = (await web.get(compare_path(slugs))).text
    assert ("Compare 4 products" in page, "first four" in page) == (True, True)

    page = (await web.get(compare_path([pair[0], pair[1], pair[0], "nowhere", "neither"]))).text
    assert ("Compare 2 products" in page, "2 products are left out" in page) == (True, True)


async def test_an_old_address_leads_to_the_product_of_today_and_counts_once(db, web, ann, pair):
    old = await a_product(db, "Old Filter")
    await commands.merge(db, await an_admin(db), (await queries.product(db, ann, old)).id, pair[0])

    page = (await web.get(compare_path([old, pair[0], pair[1]]))).text

    assert ("Compare 2 products" in page, "at its address" in page) == (True, False)


async def test_what_works_and_what_does_not_comes_from_what_helped_most_in_plain_words(db, web, ann, pair):
    first = await a_review(
        db, pair[0], works="**Quick** to [block](https://x.example).\n\n- All day", lacks="Slow help"
    )
    for n in range(3):
        await a_review(db, pair[0], works=f"Newer words {n}")
    await run(
        db,
        "UPDATE post SET helpful_count = 9 WHERE id = (SELECT rv.post_id FROM review rv WHERE rv.id = :id)",
        id=first,
    )
    page = (await web.get(compare_path(pair))).text

    works = cells(page, "What works")
    assert ("Quick to block. All day" in works[0], "Newer words 2" in works[0]) == (True, True)
    assert ("Newer words 1" in works[0], works[1]) == (False, "Nothing said yet.")
    assert "Slow help" in cells(page, "What does not")[0]


async def test_words_that_nobody_may_read_or_that_do_not_count_are_not_quoted(db, web, ann, pair):
    await a_review(db, pair[0], works="I sell it", has_conflict=True)
    gone = await a_review(db, pair[0], works="Taken back")
    await run(
        db,
        """
        UPDATE post SET deleted_at = now(), deleted_by = author_id
        WHERE id = (SELECT rv.post_id FROM review rv WHERE rv.id = :id)
        """,
        id=gone,
    )
    page = (await web.get(compare_path(pair))).text
    assert ("I sell it" in page, "Taken back" in page) == (False, False)

    await a_review(db, pair[0], works="For the board alone")
    assert "For the board alone" in (await web.get(compare_path(pair))).text
    await run(db, "UPDATE category SET read_by = 'staff' WHERE slug = 'reviews'")
    assert "For the board alone" not in (await web.get(compare_path(pair))).text


async def test_threads_that_name_a_product_are_found_by_each_of_its_names_if_one_may_read_them(db, web, ann):
    pair = [await a_product(db, "Lantern Filter", other_names="Lumen Guard"), await a_product(db, "Moss Filter")]
    await a_thread(db, title="Is lumen guard worth it?")
    closed = await a_category(db, slug="closed")
    await a_thread(db, title="What the Lantern Filter cost us", category=closed)
    await run(db, "UPDATE category SET read_by = 'staff' WHERE slug = 'closed'")
    page = (await web.get(compare_path(pair))).text

    about = cells(page, "Threads about it")
    assert about == ["Is lumen guard worth it?", "None."]
    assert "cost us" not in page


async def priced(db, slug, first):
    for n in range(5):
        await a_review(db, slug, 4, price=first + n / 10, days=100, by=await a_reviewer(db, enrolment=700))
    await prices.publish(db)


async def test_members_see_quartiles_and_the_lower_price_is_best(db, web, ann, pair):
    await priced(db, pair[0], 4)
    await priced(db, pair[1], 9)
    page = (await web.get(compare_path(pair))).text

    found = cells(page, "Price for a student")
    assert ("$4.10 · $4.20 · $4.30 Best" in found[0], "Best" in found[1]) == (True, False)


async def test_vendors_compare_their_own_without_prices_and_guests_nothing(db, web, pair):
    await a_place(db)
    own = await a_product(db, "Second Light")
    await priced(db, pair[0], 4)
    vic, admin = await a_member(db, role="vendor"), await an_admin(db)
    await speaking.let_speak(db, admin, (await queries.product(db, admin, own)).vendor_id, vic.handle)
    address = compare_path([pair[0], own, pair[1]])
    for path in (address, address.replace("compare?", "compare.csv?"), address.replace("compare?", "compare/packet?")):
        answer = await web.get(path)
        assert (answer.status_code, "Lantern" in answer.text) == (403, False)

    await sign_in_as(web, db, vic)
    page = (await web.get(address)).text
    assert ("Compare 2 products" in page, "1 product" in page or "One product" in page) == (True, True)
    sheet = (await web.get(address.replace("compare?", "compare.csv?"))).text
    packet = (await web.get(address.replace("compare?", "compare/packet?"))).text
    for text in (page, sheet, packet):
        assert ("$" in text, "4.2" in text, "Price for" in text, "Moss" in text) == (False, False, False, False)


async def test_the_peers_of_who_opens_it_judge(db, web, ann, pair):
    for slug in pair:
        for stars, enrolment in ((5, 700), (5, 800), (5, 900), (1, 3000), (1, 3100), (1, 3200)):
            await a_review(db, slug, stars, by=await a_reviewer(db, enrolment=enrolment), works=f"Of {enrolment}")
    await reviewing.choose_peers(db, ann, Peers(size="under-1000"))
    page = (await web.get(compare_path(pair))).text

    assert all("3 districts, likely" in cell for cell in cells(page, "Score, of 5"))
    assert ("Of 900" in page, "Of 3200" in page, "Districts like mine" in page) == (True, False, True)
    assert f'name="next" value="{compare_path(pair)}"'.replace("&", "&amp;") in page


async def test_fewer_than_two_are_chosen_from_their_kind(db, web, ann, pair):
    other = await a_product(db, "Phones", kind="Telephones")
    empty = (await web.get("/products/compare")).text
    assert ("Choose a kind first" in empty, "Lantern" in empty) == (True, False)
    kind = (await web.get("/products/compare?category=content-filter")).text
    assert (f'value="{pair[0]}"' in kind, f'value="{other}"' in kind) == (True, False)
    page = (await web.get(f"/products/compare?p={pair[0]}")).text
    assert ("Choose at least two" in page, f'value="{pair[0]}" checked' in page) == (True, True)
    assert f'value="{pair[1]}"' in page
    page = (await web.get(f"{compare_path(pair)}&choose=1&category=telephones")).text
    assert (page.count(" checked"), f'value="{other}"' in page) == (2, True)
    for path in ("/products/compare.csv", "/products/compare/packet"):
        assert (await web.get(path)).headers["location"] == "/products/compare"


async def test_the_spreadsheet_holds_plain_numbers_and_no_formula(db, web, ann):
    pair = [await a_product(db, "=Lantern()"), await a_product(db, "Moss", vendor="@Beacon")]
    await rated(db, pair[0], 5, 4, 4)
    await priced(db, pair[1], 9)
    answer = await web.get(compare_path(pair, ".csv"))

    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["content-disposition"].startswith("attachment")
    first, second = csv.DictReader(io.StringIO(answer.text))
    assert (first["Product"], second["Vendor"], first["Asked"]) == ("'=Lantern()", "'@Beacon", "All districts")
    assert (first["Districts"], float(first["Score"]) > 3, first["Support"]) == ("3", True, "")
    assert second["Price for a student and year, median"] == "9.2"
    assert first["Price for a student and year, median"] == ""


def test_words_that_begin_like_a_formula_are_written_with_an_apostrophe_and_numbers_are_not():
    assert written([["=1", "+1", "-1", "@a", "\tb", "a=1", -0.5, None]]) == "'=1,'+1,'-1,'@a,'\tb,a=1,-0.5,\r\n"


async def test_the_packet_says_when_for_whom_and_from_what(db, web, ann, pair):
    await rated(db, pair[0], 5, 4, 3, works="Quick")
    district = await value(
        db, "SELECT d.name FROM district d JOIN member m ON m.district_id = d.id WHERE m.id = :id", id=ann.id
    )
    await a_thread(db, title="Moss filter or the old one?")
    page = (await web.get(compare_path(pair, "/packet"))).text

    assert (f"for {district}" in page, "3 reviews by 3 districts, the newest of" in page) == (True, True)
    assert ("Moss filter or the old one?" in page, "no reviews" in page, "/products/lantern-filter" in page) == (
        True,
        True,
        True,
    )


async def test_the_product_page_leads_to_the_comparison_with_its_rivals(db, web, ann, pair):
    page = (await web.get(f"/products/{pair[0]}")).text

    assert compare_path(pair).replace("&", "&amp;") in page
    assert "Compare both" in page


async def test_the_catalogue_shows_scores_and_ranks_those_of_five_districts(db, web, ann, pair):
    few = await a_product(db, "A Few")
    await rated(db, pair[0], 3, 3, 3, 3, 3)
    await rated(db, pair[1], 5, 5, 5, 5, 5)
    await rated(db, few, 5, 5, 5)
    page = (await web.get("/products?order=rating")).text
    order = re.findall(r'name="p" value="([^"]+)"', page)

    assert order == [pair[1], pair[0], few]
    assert [f"· {n} districts" in page for n in (3, 5)] == [True, True]
    assert re.findall(r'name="p" value="([^"]+)"', (await web.get("/products?order=nonsense")).text)[0] == few


async def test_pages_of_the_best_rated_follow_each_other(db, web, ann):
    slugs = [await a_product(db, f"Tool {n:02}") for n in range(53)]
    for slug, stars in ((slugs[52], 5), (slugs[7], 3), (slugs[3], 3)):
        await rated(db, slug, *[stars] * 5)
    found, path = [], "/products?order=rating"
    while path:
        page = (await web.get(path)).text
        found += re.findall(r'name="p" value="([^"]+)"', page)
        older = re.search(r'rel="next" href="([^"]+)"', page)
        path = older[1].replace("&amp;", "&") if older else ""

    best = [slugs[52], slugs[3], slugs[7]]
    assert found == [*best, *(slug for slug in slugs if slug not in best)]


def test_an_excerpt_is_short_and_ends_with_a_whole_word():
    words = Point(1, True, "Words and more " * 40, 1).words

    assert (len(words) <= 170, words[-2:]) == (True, "s…") or words.endswith("e…") or words.endswith("d…")


def test_each_address_is_asked_once_and_no_more_than_twenty():
    asked = Asked.from_query([("p", "a"), ("p", "a"), ("p", ""), ("q", "x"), *[("p", f"b{n}") for n in range(40)]])

    assert (asked.slugs[:2], len(asked.slugs)) == (("a", "b0"), 20)
