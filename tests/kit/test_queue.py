"""Jobs: kept with what asked for them, run once, tried again when they fail, kept when they never succeed."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from forum.kit import outbox, queue
from forum.kit.db import run, value
from forum.kit.queue import LONGEST_WAIT, RETRIES, Work, Worker
from forum.wiring import REACTIONS, SCHEDULE
from forum.worker import name_of, worker
from tests.fakes import FakeMailer


class Relay:
    """A job that fails as often as it is told to, and remembers its calls."""

    def __init__(self, failures: int = 0) -> None:
        self.failures, self.calls = failures, []

    async def __call__(self, **payload) -> None:
        self.calls.append(payload)
        if len(self.calls) <= self.failures:
            raise OSError("the relay of ada@district.example is away")


async def jobs_left(db) -> list[tuple[str, int]]:
    """The state and the number of failed tries of each job."""
    return [
        tuple(each)
        for each in await value(
            db,
            "SELECT coalesce(jsonb_agg(jsonb_build_array(status, attempts) ORDER BY id), '[]') FROM pgqueuer",
        )
    ]


async def time_passes(db) -> None:
    """Until the next try of every job."""
    await run(db, "UPDATE pgqueuer SET execute_after = now() WHERE status = 'queued'")


@pytest.fixture
def drained(database_url):
    async def drain(**jobs) -> None:
        await Worker(database_url, Work(jobs)).drain()

    return drain


async def test_a_job_gets_what_was_put_with_it(db, drained):
    relay = Relay()
    await queue.put(db, "relay", {"mail_id": 7, "word": "é"})

    await drained(relay=relay)

    assert relay.calls == [{"mail_id": 7, "word": "é"}]
    assert await jobs_left(db) == []


async def test_a_job_exists_only_if_its_transaction_does(db, drained):
    relay = Relay()

    async def put_and_fail():
        async with db.transaction():
            await queue.put(db, "relay", {})
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await put_and_fail()
    await drained(relay=relay)

    assert relay.calls == []


async def test_a_job_that_fails_is_tried_again_later_and_does_not_hold_up_the_others(db, drained):
    relay, other = Relay(failures=2), Relay()
    await queue.put(db, "relay", {})
    await queue.put(db, "other", {})

    await drained(relay=relay, other=other)
    assert (len(relay.calls), len(other.calls)) == (1, 1)
    assert await jobs_left(db) == [("queued", 1)]
    wait = await value(db, "SELECT execute_after - now() FROM pgqueuer")
    assert timedelta(seconds=5) < wait <= timedelta(seconds=20)

    for _ in range(2):
        await time_passes(db)
        await drained(relay=relay, other=other)

    assert len(relay.calls) == 3
    assert await jobs_left(db) == []


async def test_a_job_that_never_succeeds_is_kept_with_its_error(db, drained):
    relay = Relay(failures=1000)
    await queue.put(db, "relay", {"mail_id": 7})
    await run(db, "UPDATE pgqueuer SET attempts = :tries", tries=RETRIES - 1)

    await drained(relay=relay)
    wait = await value(db, "SELECT execute_after - now() FROM pgqueuer")
    assert LONGEST_WAIT * 0.9 < wait <= LONGEST_WAIT
    for _ in range(3):
        await time_passes(db)
        await drained(relay=relay)

    assert await jobs_left(db) == [("failed", RETRIES)]
    assert len(relay.calls) == 2
    assert "OSError" in await value(db, "SELECT CAST(traceback AS text) FROM pgqueuer_log WHERE status = 'failed'")
    assert await value(db, "SELECT convert_from(payload, 'utf8') FROM pgqueuer") == '{"mail_id": 7}'


async def test_workers_at_the_same_moment_run_each_job_once(db, drained):
    relay = Relay()
    for number in range(20):
        await queue.put(db, "relay", {"number": number})

    await asyncio.gather(*(drained(relay=relay) for _ in range(3)))

    assert sorted(call["number"] for call in relay.calls) == list(range(20))


async def test_a_job_nobody_knows_waits_for_a_worker_that_does(db, drained):
    relay = Relay()
    await queue.put(db, "relay", {})
    await drained(other=Relay())
    assert await jobs_left(db) == [("queued", 0)]

    await drained(relay=relay)

    assert relay.calls == [{}]


async def test_a_running_worker_stops_when_it_is_asked_to_and_finishes_what_it_began(db, database_url):
    began, may_end, calls = asyncio.Event(), asyncio.Event(), []

    async def slow():
        began.set()
        await may_end.wait()
        calls.append("done")

    jobs = Worker(database_url, Work({"slow": slow}))
    running = asyncio.create_task(jobs.run())
    await queue.put(db, "slow", {})
    await asyncio.wait_for(began.wait(), 60)

    jobs.stop()
    may_end.set()
    await asyncio.wait_for(running, 60)

    assert calls == ["done"]
    assert await jobs_left(db) == []


# Events and their reactions


async def test_every_reaction_to_an_event_is_a_job_of_its_own(db, tools, drain, monkeypatch):
    class Broken(FakeMailer):
        async def send(self, mail):
            raise OSError

    calls = []

    async def note(tools, request_id):
        calls.append(request_id)

    async def fail(tools, request_id):
        raise OSError

    monkeypatch.setitem(REACTIONS, "member.approved", [fail, note])
    async with db.transaction():
        await outbox.emit(db, "member.approved", request_id=7)
    await drain()

    assert calls == [7]
    left = await value(db, "SELECT array_agg(entrypoint) FROM pgqueuer")
    assert left == [name_of(fail)]


async def test_every_job_of_the_wiring_is_known_to_the_worker_by_its_own_name(tools, database_url):
    known = worker(database_url, tools).work
    wired = [*(job for reactions in REACTIONS.values() for job in reactions), *(job for _, job in SCHEDULE)]

    assert {name_of(job) for job in wired} < set(known.jobs)
    assert len({name_of(job) for job in wired}) == len(set(wired))
    assert [name for _, name in known.schedule] == [name_of(job) for _, job in SCHEDULE]


async def test_a_job_may_find_that_what_it_was_about_is_gone(db, tools, drain):
    for event, reactions in REACTIONS.items():
        for _ in reactions[:1]:
            await outbox.emit(db, event, **_of_nothing(reactions[0]))
    await drain()

    assert tools.mailer.sent == []
    assert await jobs_left(db) == []


def _of_nothing(job) -> dict:
    """What a job is told of something that is not there: ids of nothing, and moments, which are texts."""
    names = [name for name in job.__code__.co_varnames[: job.__code__.co_argcount] if name != "tools"]
    return {name: datetime.now(UTC).isoformat() if name.endswith("_at") else 2**40 for name in names}
