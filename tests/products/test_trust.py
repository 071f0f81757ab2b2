"""What bought and angry reviews do to a score and a rank, beside a plain mean; DECISIONS.md has the figures."""

import random
import re
from pathlib import Path
from statistics import mean

import pytest

from tests.products.judging import Judged, judge

DECISIONS = Path(__file__).parents[2] / "DECISIONS.md"
TARGET, PRODUCTS = 6, 12


def honest() -> list[Judged]:
    """Twelve products of one kind, the first the best liked, each reviewed by 9 to 20 districts."""
    chance = random.Random(2026)
    found = []
    for product in range(1, PRODUCTS + 1):
        liked = 4.6 - 0.22 * product
        for district in range(1, chance.randint(9, 20)):
            stars = max(1, min(5, round(chance.gauss(liked, 0.9))))
            found.append(Judged(product, 100 * product + district, stars, chance.uniform(0, 3)))
    return found


ATTACKS = {
    "no attack": [],
    "10 five-star reviews from one district": [Judged(TARGET, 9999, 5)] * 10,
    "10 five-star reviews from 10 new districts": [Judged(TARGET, 9000 + n, 5) for n in range(10)],
    "a brigade of 10 one-star reviews from one district": [Judged(TARGET, 9999, 1)] * 10,
    "a brigade of 10 one-star reviews from 10 districts": [Judged(TARGET, 9000 + n, 1) for n in range(10)],
}


def rank(scores: dict[int, float]) -> int:
    return 1 + sum(score > scores[TARGET] for score in scores.values())


async def figures(db, reviews):
    """Score and rank of the target by our score, then by a plain mean of stars."""
    ours = {product: score.score for product, score in (await judge(db, reviews)).items()}
    plain = {product: mean(r.stars for r in reviews if r.product == product) for product in ours}
    return round(ours[TARGET], 2), rank(ours), round(plain[TARGET], 2), rank(plain)


@pytest.mark.parametrize("attack", ATTACKS)
async def test_the_figures_of_each_attack_stand_in_the_decisions(db, attack):
    score, place, plain, plain_place = await figures(db, honest() + ATTACKS[attack])

    row = f"| {attack} | {score:.2f} | {place} | {plain:.2f} | {plain_place} |"
    assert row in re.sub(" +", " ", DECISIONS.read_text())


async def test_one_district_moves_a_score_far_less_than_it_moves_a_plain_mean(db):
    before, bought, _, angry, _ = [await figures(db, honest() + attack) for attack in ATTACKS.values()]

    assert bought[0] - before[0] < 0.15
    assert bought[2] - before[2] > 3 * (bought[0] - before[0])
    assert before[0] - angry[0] < 0.15
    assert before[2] - angry[2] > 3 * (before[0] - angry[0])
