"""Open pages hear that something changed for their reader: by server-sent events, which never say what.

The pages of one process share one connection that listens. Each is let go within five seconds once its session is over.
"""

import asyncio
from collections.abc import AsyncIterator

import structlog
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from forum.kit.db import Database
from forum.kit.errors import Unavailable
from forum.kit.http import db_of, query_int, redirect
from forum.kit.listening import listen
from forum.kit.log import outline
from forum.members.types import Actor
from forum.notifications import policy, queries

log = structlog.get_logger()

CHANNEL = "notification_changed"
MOST_A_MEMBER = 3
SECONDS_ALIVE = 25.0  # proxies close what is silent for longer
SECONDS_UNCHECKED = 2.0
SECONDS_BETWEEN = 1.0
SECONDS_IDLE = 60.0  # from one page to the next it goes on listening
EVENTS = "text/event-stream"
UNHELD = {"x-accel-buffering": "no"}  # a proxy that collects an answer first would tell too late
CHANGED, OVER, ALIVE = b"event: changed\ndata: 1\n\n", b"event: over\ndata: 1\n\n", b": still here\n\n"


class Stream:
    """One open page. What it is told while it is busy, it says once."""

    def __init__(self, member_id: int, session_id: int) -> None:
        self.member_id, self.session_id = member_id, session_id
        self._is_over = False
        self._told = asyncio.Event()

    def tell(self) -> None:
        self._told.set()

    def end(self) -> None:
        self._is_over = True
        self._told.set()

    async def next(self) -> bytes:
        """What to send: at once when something has changed or it is over, else after a while that it lives."""
        try:
            await asyncio.wait_for(self._told.wait(), SECONDS_ALIVE)
        except TimeoutError:
            return ALIVE
        self._told.clear()
        return OVER if self._is_over else CHANGED


class Streams:
    """The open pages of this process. While there are any, and a minute more, it listens for their readers and looks
    whether their sessions last.
    """

    def __init__(self, db: Database) -> None:
        self._db = db
        self._open: dict[int, list[Stream]] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._is_closed = False

    def __len__(self) -> int:
        return len(self._all())

    def open(self, member_id: int, session_id: int) -> Stream:
        """One more page of a member; with a fourth the oldest of them ends."""
        stream = Stream(member_id, session_id)
        streams = self._open.setdefault(member_id, [])
        for oldest in streams[: len(streams) + 1 - MOST_A_MEMBER]:
            oldest.end()
        streams.append(stream)
        if self._is_closed:
            stream.end()
        elif not self._tasks:
            self._begin()
        return stream

    def close(self, stream: Stream) -> None:
        """The page has gone, or was let go."""
        streams = self._open[stream.member_id]
        streams.remove(stream)
        if not streams:
            del self._open[stream.member_id]

    def hear(self, payload: str) -> None:
        """Something changed for the members with these ids, or perhaps for everybody: ""."""
        for member_id in map(int, payload.split(",")) if payload else list(self._open):
            for stream in self._open.get(member_id, ()):
                stream.tell()

    def end(self) -> None:
        """The process stops: all pages are let go, and those that still come."""
        self._is_closed = True
        self._end_all()
        self._rest()

    def _begin(self) -> None:
        for part in (listen(self._db, CHANNEL, self.hear), self._look_at_sessions()):
            task = asyncio.create_task(part)
            task.add_done_callback(self._ended)
            self._tasks.append(task)

    def _rest(self) -> None:
        for task in self._tasks:
            task.cancel()
        self._tasks = []

    def _ended(self, task: asyncio.Task[None]) -> None:
        """Nobody looks or listens any more: no page stays open that is not looked after."""
        if not task.cancelled() and (error := task.exception()):
            log.error("streams end", error=outline(error))
            self._end_all()
            self._rest()

    def _all(self) -> list[Stream]:
        return [stream for streams in self._open.values() for stream in streams]

    def _end_all(self) -> None:
        for stream in self._all():
            stream.end()

    async def _look_at_sessions(self) -> None:
        idle = 0.0
        while idle < SECONDS_IDLE:
            await asyncio.sleep(SECONDS_UNCHECKED)
            idle = 0.0 if self._open else idle + SECONDS_UNCHECKED
            await self._let_go()
        self._rest()

    async def _let_go(self) -> None:
        """End the pages whose session is over, or cannot be asked for."""
        if not (streams := self._all()):
            return
        try:
            alive = await queries.live_sessions(self._db, [stream.session_id for stream in streams])
        except Unavailable:
            alive = frozenset()
        for stream in streams:
            if stream.session_id not in alive:
                stream.end()


async def live(request: Request) -> Response:
    """Tell an open page whenever something changes for its reader; at once where its `count` is not right any more."""
    db, actor = db_of(request), request.state.actor
    policy.may_be_told(actor).require()
    if EVENTS not in request.headers.get("accept", "") or request.method != "GET":
        return redirect("/notifications")
    events = _events(db, request.app.state.streams, actor, query_int(request, "count"))
    return StreamingResponse(events, media_type=EVENTS, headers=UNHELD)


async def _events(db: Database, streams: Streams, actor: Actor, count: int) -> AsyncIterator[bytes]:
    stream = streams.open(actor.id or 0, actor.session_id or 0)
    try:
        told = CHANGED if await queries.notified(db, actor) != count else ALIVE
        while told is not OVER:
            yield told
            await asyncio.sleep(SECONDS_BETWEEN)
            told = await stream.next()
        yield OVER
    finally:
        streams.close(stream)


routes = [Route("/notifications/live", live)]
