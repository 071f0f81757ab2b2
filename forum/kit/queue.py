"""The job library behind one file: put a job into the caller's transaction, run jobs until told to stop.

Jobs are rows of pgqueuer, so a job put inside a transaction exists only if that commits.
A failed job is tried again with growing waits, then kept with its error.
"""

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import asyncpg
from pgqueuer import PgQueuer
from pgqueuer.db import AsyncpgDriver
from pgqueuer.executors import DatabaseRetryEntrypointExecutor
from pgqueuer.models import Job, Schedule
from pgqueuer.queries import Queries
from pgqueuer.types import JobId, QueueExecutionMode

from forum.kit.db import Database, Row, many, rows, run

Handler = Callable[..., Awaitable[None]]
RETRIES = 12  # with these waits: for four and a half hours
FIRST_WAIT = timedelta(seconds=10)
LONGEST_WAIT = timedelta(hours=1)
MOST_AT_ONCE = 1000
PLACE = re.compile(r'File "[^"\n]*?(\w+\.py)", line (\d+)')


@dataclass(frozen=True)
class Work:
    """What a worker does: `jobs` by name, and `schedule` as (cron line, job name) pairs."""

    jobs: Mapping[str, Handler]
    schedule: tuple[tuple[str, str], ...] = ()


async def put(db: Database, name: str, payload: Mapping[str, Any]) -> None:
    """Queue the job `name`, inside the running transaction if there is one."""
    async with db.connection() as connection:
        queries = Queries(AsyncpgDriver(connection.raw_connection))
        await queries.enqueue(name, json.dumps(payload).encode())


@dataclass(frozen=True)
class Waiting:
    """Jobs of one name in one state: "queued", "picked" (running), "failed" (held). oldest: when it was put."""

    name: str
    status: str
    count: int
    oldest: datetime


@dataclass(frozen=True)
class HeldJob:
    """A job that failed for good and waits for somebody.

    about: its event, if it is one, and the ids it was put with. error: what kind of error and where, never its
    words, which may hold an address or what somebody wrote.
    """

    id: int
    name: str
    about: str
    error: str
    attempts: int
    put_at: datetime
    failed_at: datetime


async def waiting(db: Database) -> list[Waiting]:
    """What is in the queue, by name and state."""
    return await many(
        db,
        Waiting,
        """
        SELECT j.entrypoint AS name, CAST(j.status AS text) AS status, count(*) AS count, min(j.created) AS oldest
        FROM pgqueuer j
        GROUP BY j.entrypoint, j.status
        ORDER BY j.status, j.entrypoint
        """,
    )


async def held_jobs(db: Database, *, limit: int = 100) -> list[HeldJob]:
    """The jobs that failed for good, the latest first."""
    found = await rows(
        db,
        """
        SELECT j.id, j.entrypoint, j.attempts, convert_from(j.payload, 'utf8') AS payload, j.created, j.updated, (
                   SELECT l.traceback FROM pgqueuer_log l
                   WHERE l.job_id = j.id AND l.traceback IS NOT NULL
                   ORDER BY l.created DESC, l.id DESC
                   LIMIT 1
               ) AS traceback
        FROM pgqueuer j
        WHERE j.status = 'failed'
        ORDER BY j.updated DESC, j.id DESC
        LIMIT :limit
        """,
        limit=limit,
    )
    return [_held(row) for row in found]


async def retry(db: Database, job_id: int) -> bool:
    """Run a held job again, soon. Returns whether it was held."""
    return bool(await _retry(db, [job_id]))


async def retry_all(db: Database) -> int:
    """Run the held jobs again, up to a thousand, oldest first. Returns how many."""
    found = await rows(
        db, "SELECT j.id FROM pgqueuer j WHERE j.status = 'failed' ORDER BY j.id LIMIT :most", most=MOST_AT_ONCE
    )
    return await _retry(db, [row["id"] for row in found])


async def drop(db: Database, job_id: int) -> bool:
    """Give a held job up. Returns whether it was held."""
    return bool(await run(db, "DELETE FROM pgqueuer WHERE id = :job_id AND status = 'failed'", job_id=job_id))


async def _retry(db: Database, job_ids: list[int]) -> int:
    """The library's own way, on rows locked first, so that two at once do not both count them."""
    async with db.transaction():
        found = await rows(
            db,
            """
            SELECT j.id FROM pgqueuer j
            WHERE j.id = ANY(CAST(:ids AS bigint[])) AND j.status = 'failed'
            ORDER BY j.id
            FOR UPDATE
            """,
            ids=job_ids,
        )
        async with db.connection() as connection:
            queries = Queries(AsyncpgDriver(connection.raw_connection))
            await queries.requeue_jobs([JobId(row["id"]) for row in found])
    return len(found)


def _held(row: Row) -> HeldJob:
    payload = json.loads(row["payload"] or "{}")
    event, ids = payload.get("event", ""), payload.get("payload", payload)
    about = [event] if event else []
    about += [f"{name} {number}" for name, number in sorted(ids.items()) if isinstance(number, int)]
    return HeldJob(
        row["id"],
        row["entrypoint"],
        ", ".join(about),
        _error(row["traceback"]),
        row["attempts"],
        row["created"],
        row["updated"],
    )


def _error(traceback: Any) -> str:
    kept = json.loads(traceback) if isinstance(traceback, str) else traceback or {}
    places = PLACE.findall(kept.get("traceback", ""))
    return " at ".join([kept.get("exception_type", "unknown"), *(":".join(place) for place in places[-1:])])


class Worker:
    """Runs jobs of one database on connections of its own."""

    def __init__(self, url: str, work: Work) -> None:
        self.url, self.work = url, work
        self._pool: asyncpg.Pool | None = None
        self._queuer: PgQueuer | None = None

    async def run(self) -> None:
        """Run jobs and the schedule until `stop`; running jobs are finished first."""
        await self._run(QueueExecutionMode.continuous)

    async def drain(self) -> None:
        """Run jobs until none is due, then return: what tests call. Those that failed wait for their next try."""
        await self._run(QueueExecutionMode.drain)

    def stop(self) -> None:
        """Ask `run` to return."""
        if self._queuer:
            self._queuer.shutdown.set()

    async def _run(self, mode: QueueExecutionMode) -> None:
        async with asyncpg.create_pool(self.url, min_size=1, max_size=4) as pool:
            self._queuer = queuer = PgQueuer.from_asyncpg_pool(pool)
            for name, handler in self.work.jobs.items():
                _register(queuer, name, handler)
            if mode is QueueExecutionMode.drain:
                # It would wait for jobs that are to be tried again later.
                queuer.qm.queries.queued_work = queuer.qm.queries.eligible_queued_work  # type: ignore[method-assign]
                await queuer.qm.run(mode=mode, dequeue_timeout=timedelta(0), log_aggregation_interval=timedelta(0))
                return
            for cron, name in self.work.schedule:
                _schedule(queuer, cron, name, self.work.jobs[name])
            await queuer.run(dequeue_timeout=timedelta(seconds=5), batch_size=10)


def _register(queuer: PgQueuer, name: str, handler: Handler) -> None:
    @queuer.entrypoint(
        name,
        on_failure="hold",
        executor_factory=lambda parameters: DatabaseRetryEntrypointExecutor(
            parameters=parameters, max_attempts=RETRIES, initial_delay=FIRST_WAIT, max_delay=LONGEST_WAIT
        ),
    )
    async def run_job(job: Job) -> None:
        await handler(**json.loads(job.payload or b"{}"))


def _schedule(queuer: PgQueuer, cron: str, name: str, handler: Handler) -> None:
    @queuer.schedule(name, cron)
    async def run_scheduled(_: Schedule) -> None:
        await handler()
