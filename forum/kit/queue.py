"""The job library behind one file: put a job into the caller's transaction, run jobs until told to stop.

Jobs are rows of pgqueuer, so a job put inside a transaction exists only if that commits.
A failed job is tried again with growing waits, then kept with its error.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import asyncpg
from pgqueuer import PgQueuer
from pgqueuer.db import AsyncpgDriver
from pgqueuer.executors import DatabaseRetryEntrypointExecutor
from pgqueuer.models import Job, Schedule
from pgqueuer.queries import Queries
from pgqueuer.types import QueueExecutionMode

from forum.kit.db import Database

Handler = Callable[..., Awaitable[None]]
RETRIES = 12  # with these waits: for four and a half hours
FIRST_WAIT = timedelta(seconds=10)
LONGEST_WAIT = timedelta(hours=1)


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
