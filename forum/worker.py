"""The worker: turns each event into one job per reaction, and runs jobs and the schedule."""

from functools import partial
from typing import Any

import structlog

from forum.kit import queue
from forum.kit.log import outline
from forum.kit.outbox import EVENT
from forum.kit.queue import Work, Worker
from forum.kit.tools import Job, Tools
from forum.wiring import REACTIONS, SCHEDULE

log = structlog.get_logger()


def name_of(job: Job) -> str:
    """The name a job is queued under: "forum.members.jobs.mail_welcome"."""
    return f"{job.__module__}.{job.__qualname__}"


def worker(url: str, tools: Tools) -> Worker:
    """A worker on the database at `url`, with everything the wiring names."""
    jobs = {job for reactions in REACTIONS.values() for job in reactions} | {job for _, job in SCHEDULE}
    handlers = {name_of(job): partial(_run, job, tools) for job in jobs}
    schedule = tuple((cron, name_of(job)) for cron, job in SCHEDULE)
    return Worker(url, Work({EVENT: partial(spread, tools), **handlers}, schedule))


async def spread(tools: Tools, event: str, payload: dict[str, Any]) -> None:
    """Queue every reaction to `event`, all or none: from here on each succeeds or is tried again by itself."""
    async with tools.db.transaction():
        for job in REACTIONS[event]:
            await queue.put(tools.db, name_of(job), payload)


async def _run(job: Job, tools: Tools, **payload: Any) -> None:
    try:
        await job(tools, **payload)
    except Exception as error:
        log.warning("job failed", job=name_of(job), payload=payload, error=outline(error))
        raise
