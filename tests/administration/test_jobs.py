"""Jobs that failed for good: seen without anybody's words, tried again, or dropped."""

import asyncio
import json

import pytest

from forum.administration import commands
from forum.kit import queue
from forum.kit.db import run, value
from forum.kit.errors import Forbidden
from forum.kit.queue import Work, Worker
from tests.administration.acts import acts
from tests.factories import a_member, an_admin, sign_in_as


class Fails:
    """A job that fails with words that nobody else may read."""

    def __init__(self) -> None:
        self.is_mended = False
        self.calls: list[dict] = []

    async def __call__(self, **payload) -> None:
        self.calls.append(payload)
        if not self.is_mended:
            raise OSError("zqxcanary the relay refused ada@district.example")


@pytest.fixture
def relay(database_url):
    job = Fails()
    job.worker = Worker(database_url, Work({"relay": job}))
    return job


async def without_indexing(db) -> None:
    """No jobs that follow from making people."""
    await run(db, "DELETE FROM pgqueuer WHERE entrypoint LIKE '%.index_changes'")


async def held(db, relay, count=1) -> list[int]:
    """The ids of `count` jobs that failed for good."""
    await without_indexing(db)
    for number in range(count):
        await queue.put(db, "relay", {"request_id": number, "note": "zqxcanary"})
    await run(db, "UPDATE pgqueuer SET attempts = :tries", tries=queue.RETRIES)
    await relay.worker.drain()
    return sorted(job.id for job in await queue.held_jobs(db))


async def test_a_failed_job_is_shown_with_its_ids_and_where_it_failed_but_nobodys_words(db, web, relay):
    await held(db, relay)
    await queue.put(db, "event", {"event": "member.invited", "payload": {"invitation_id": 7}})
    await sign_in_as(web, db, await an_admin(db))
    await without_indexing(db)

    page = (await web.get("/admin/jobs")).text

    job = (await queue.held_jobs(db))[0]
    assert (job.name, job.about, job.attempts) == ("relay", "request_id 0", queue.RETRIES)
    assert job.error.startswith("OSError at test_jobs.py:")
    assert "request_id 0" in page
    assert job.error in page
    assert "zqxcanary" not in page
    assert "ada@" not in page
    assert "<dt>failed</dt><dd>1</dd>" in page
    assert "<dt>waiting</dt><dd>1</dd>" in page


async def test_a_job_is_tried_again_once(db, relay):
    admin, (job_id,) = await an_admin(db), await held(db, relay)
    relay.is_mended = True

    await asyncio.gather(*(commands.retry_job(db, admin, job_id) for _ in range(5)))
    await relay.worker.drain()

    assert len(relay.calls) == 2
    assert await queue.waiting(db) == []
    assert await acts(db) == [("job.retried", {}, {})]


async def test_all_are_tried_again_once(db, relay):
    admin = await an_admin(db)
    await held(db, relay, 6)
    relay.is_mended = True

    counts = await asyncio.gather(*(commands.retry_jobs(db, admin) for _ in range(3)))
    await relay.worker.drain()

    assert sorted(counts) == [0, 0, 6]
    assert len(relay.calls) == 12
    assert await acts(db) == [("jobs.retried", {}, {"count": 6})]


async def test_a_job_that_fails_again_is_held_again(db, relay):
    admin, (job_id,) = await an_admin(db), await held(db, relay)

    await commands.retry_job(db, admin, job_id)

    assert await value(db, "SELECT attempts FROM pgqueuer WHERE id = :id", id=job_id) == 0
    await run(db, "UPDATE pgqueuer SET attempts = :tries", tries=queue.RETRIES)
    await relay.worker.drain()
    assert [job.id for job in await queue.held_jobs(db)] == [job_id]


async def test_a_job_is_dropped_once_and_a_waiting_one_never(db, relay):
    admin, (first, second) = await an_admin(db), await held(db, relay, 2)
    await queue.put(db, "relay", {})
    waiting_id = await value(db, "SELECT id FROM pgqueuer WHERE status = 'queued'")

    await asyncio.gather(*(commands.drop_job(db, admin, job_id) for job_id in (first, first, waiting_id, 2**40)))

    assert [job.id for job in await queue.held_jobs(db)] == [second]
    assert await value(db, "SELECT count(*) FROM pgqueuer") == 2
    assert await acts(db) == [("job.dropped", {}, {})]


async def test_only_administrators_touch_jobs(db, relay):
    ann, (job_id,) = await a_member(db), await held(db, relay)
    for command in (
        commands.retry_job(db, ann, job_id),
        commands.drop_job(db, ann, job_id),
        commands.retry_jobs(db, ann),
    ):
        with pytest.raises(Forbidden):
            await command

    assert len(await queue.held_jobs(db)) == 1


async def test_what_is_not_recorded_is_not_done(db, relay, monkeypatch):
    async def broken(*_):
        raise OSError

    admin, (job_id,) = await an_admin(db), await held(db, relay)
    monkeypatch.setattr(commands, "record", broken)
    for command in (commands.retry_job, commands.drop_job):
        with pytest.raises(OSError):  # noqa: PT011 - ours, and no other
            await command(db, admin, job_id)

    assert [job.id for job in await queue.held_jobs(db)] == [job_id]


async def test_the_page_acts(db, web, relay):
    first, second = await held(db, relay, 2)
    await sign_in_as(web, db, await an_admin(db))

    assert (await web.post(f"/admin/jobs/{first}", data={"decision": "drop"})).status_code == 303
    assert (await web.post(f"/admin/jobs/{second}", data={"decision": "retry"})).status_code == 303
    assert (await web.post(f"/admin/jobs/{second}", data={"decision": "run"})).status_code == 422
    assert (await web.post("/admin/jobs/retry")).status_code == 422
    assert "No job has failed for good." in (await web.get("/admin/jobs")).text


@pytest.mark.parametrize("payload", [b"", b"{}", json.dumps({"note": "x", "deep": {"a": 1}}).encode()])
async def test_a_job_with_an_odd_load_is_shown(db, web, payload):
    await queue.put(db, "odd", {})
    await run(db, "UPDATE pgqueuer SET status = 'failed', payload = :payload", payload=payload)
    await sign_in_as(web, db, await an_admin(db))

    assert "nothing given" in (await web.get("/admin/jobs")).text
