"""The circuit breaker: opens after failures or waiting in a row, lets one probe through, closes with an answer."""

import pytest

from forum.kit.breaker import MOST_FAILURES, Breaker


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def breaker(clock):
    return Breaker(clock)


def opened(breaker: Breaker) -> Breaker:
    for _ in range(MOST_FAILURES):
        breaker.failed(0)
    return breaker


def test_it_begins_closed_and_needs_no_probe(breaker, clock):
    clock.now += 3600

    assert (breaker.is_open, breaker.takes_probe()) == (False, False)


def test_five_quick_failures_in_a_row_open_it(breaker):
    for _ in range(4):
        breaker.failed(0.001)
    assert not breaker.is_open

    breaker.failed(0.001)

    assert breaker.is_open


@pytest.mark.parametrize(
    ("waits", "is_open"),
    [([0.3], True), ([0.149, 0.15], True), ([0.15], False), ([0.14, 0.15], False), ([0.1, 0.1, 0.1], True)],
)
def test_three_hundred_milliseconds_waited_in_vain_open_it(breaker, waits, is_open):
    for seconds in waits:
        breaker.failed(seconds)

    assert breaker.is_open == is_open


def test_an_answer_in_between_begins_the_count_anew(breaker):
    for _ in range(20):
        breaker.failed(0.2)
        breaker.succeeded()
    for _ in range(4):
        breaker.failed(0.02)

    assert not breaker.is_open


def test_one_probe_is_let_through_every_ten_seconds(breaker, clock):
    opened(breaker)
    seen = []
    for _ in range(31):
        seen.append(sum(breaker.takes_probe() for _ in range(8)))
        clock.now += 1

    assert [second for second, probes in enumerate(seen) if probes] == [10, 20, 30]
    assert max(seen) == 1


def test_a_probe_that_succeeds_closes_it(breaker, clock):
    opened(breaker)
    clock.now += 10
    assert breaker.takes_probe()

    breaker.succeeded()

    assert (breaker.is_open, breaker.takes_probe()) == (False, False)
    breaker.failed(0.01)
    assert not breaker.is_open


def test_failures_while_it_is_open_do_not_put_the_probe_off(breaker, clock):
    opened(breaker)
    clock.now += 9
    breaker.failed(1)
    clock.now += 1

    assert breaker.takes_probe()
