"""A vendor answers a review once, and corrects the answer for fourteen days."""

import asyncio

import pytest

from forum.kit.db import run, value
from forum.kit.errors import Forbidden, Invalid, NotFound, Stale
from forum.products import answering, queries, review_queries, speaking
from forum.products.review_types import ReviewsSought
from forum.products.score_types import Peers
from forum.threads.delete import delete
from tests.factories import a_member, an_admin
from tests.products.catalogue import a_product
from tests.products.reviews import a_place, a_review, a_reviewer


@pytest.fixture
async def slug(db):
    await a_place(db)
    return await a_product(db)


@pytest.fixture
async def vic(db, slug):
    return await a_speaker(db, slug)


async def a_speaker(db, slug):
    """An account that speaks for the vendor of that product."""
    vic = await a_member(db, role="vendor")
    admin = await an_admin(db)
    await speaking.let_speak(db, admin, (await queries.product(db, admin, slug)).vendor_id, vic.handle)
    return vic


async def shown(db, slug):
    ann = await a_member(db)
    product = await queries.product(db, ann, slug)
    return await review_queries.reviews(db, ann, product.id, ReviewsSought(), Peers())


async def test_an_answer_stands_with_its_review_and_in_the_thread(db, slug, vic):
    review_id = await a_review(db, slug)

    await answering.answer(db, vic, review_id, "We **mended** it.")

    review = (await shown(db, slug))[0]
    assert ("<strong>mended</strong>" in review.answer_html, review.answer_vendor) == (True, "NorthGate")
    assert await value(db, "SELECT count(*) FROM post p WHERE p.author_id = :id", id=vic.id) == 1


async def test_a_second_answer_is_refused_and_the_same_twice_is_one(db, slug, vic):
    review_id = await a_review(db, slug)
    await asyncio.gather(*(answering.answer(db, vic, review_id, "Once.") for _ in range(5)))

    assert await value(db, "SELECT count(*) FROM vendor_answer") == 1
    with pytest.raises(Stale):
        await answering.answer(db, vic, review_id, "Twice.")
    colleague = await a_speaker(db, slug)
    with pytest.raises(Stale):
        await answering.answer(db, colleague, review_id, "From another of us.")


async def test_it_is_corrected_for_fourteen_days_and_no_longer(db, slug, vic):
    review_id = await a_review(db, slug)
    await answering.answer(db, vic, review_id, "In version 3.")
    await answering.answer(db, vic, review_id, "In version 4.", version=1)
    assert "version 4" in (await shown(db, slug))[0].answer_html

    await run(db, "UPDATE vendor_answer SET created_at = created_at - interval '14 days'")

    with pytest.raises(Forbidden):
        await answering.answer(db, vic, review_id, "In version 5.", version=2)


async def test_an_answer_that_staff_hid_does_not_come_back_by_correcting_it(db, slug, vic):
    review_id = await a_review(db, slug)
    await answering.answer(db, vic, review_id, "Buy ours.")
    post_id = await value(db, "SELECT y.post_id FROM vendor_answer y")
    await delete(db, await an_admin(db), post_id)

    with pytest.raises(Forbidden):
        await answering.answer(db, vic, review_id, "Buy ours today.", version=1)


async def test_nobody_else_answers(db, slug, vic):
    review_id = await a_review(db, slug)
    other = await a_speaker(db, await a_product(db, vendor="Beacon"))
    for actor in (await a_reviewer(db), await an_admin(db)):
        with pytest.raises(Forbidden):
            await answering.answer(db, actor, review_id, "No.")
    with pytest.raises((Forbidden, NotFound)):
        await answering.answer(db, other, review_id, "No.")
    with pytest.raises(NotFound):
        await answering.answer(db, vic, review_id + 99, "No.")
    for body in ("", " ", "x" * 4001):
        with pytest.raises(Invalid):
            await answering.answer(db, vic, review_id, body)
    assert await value(db, "SELECT count(*) FROM vendor_answer") == 0
