"""Runs the whole site in one process: web server, worker and, unless DATABASE_URL names another, the database."""

import asyncio
import errno
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager, nullcontext, suppress
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import structlog
import uvicorn
import uvloop
from starlette.applications import Starlette

from forum.app import build
from forum.kit.db import connect
from forum.kit.embedded import CannotStart, Embedded, database_of
from forum.kit.log import outline
from forum.kit.mailer import mailer_for
from forum.kit.meili import meili_for
from forum.kit.migrate import MigrationError, migrate
from forum.kit.queue import Worker
from forum.kit.settings import Settings
from forum.kit.tools import Tools
from forum.site.queries import site_name
from forum.worker import worker

GRACE_SECONDS = 2
Task: TypeAlias = asyncio.Task[Any]
SIGNALS = (signal.SIGINT, signal.SIGTERM)
log = structlog.get_logger()


class Stop:
    """Ctrl-C and SIGTERM, remembered from the first moment: while starting they break off, later they end in order."""

    def __init__(self) -> None:
        self.told = asyncio.Event()
        self._starting: Task | None = None
        for number in SIGNALS:
            signal.signal(number, lambda *_: self.tell())

    def tell(self) -> None:
        self.told.set()
        if self._starting:
            self._starting.cancel()

    def heed(self) -> None:
        """Raises KeyboardInterrupt if told to stop: for waits outside the event loop."""
        if self.told.is_set():
            raise KeyboardInterrupt

    def breaks_off_this_task(self) -> None:
        self._starting = asyncio.current_task()
        for number in SIGNALS:
            asyncio.get_running_loop().add_signal_handler(number, self.tell)
        self.heed()

    def spares_this_task(self) -> None:
        self._starting = None


def serve(settings: Settings, *, with_worker: bool = True) -> None:
    """Run the site until Ctrl-C or SIGTERM. Raises CannotStart, with one sentence for people."""
    stop = Stop()
    embedded = None if settings.database_url else Embedded(settings.var, heed=stop.heed)
    with suppress(KeyboardInterrupt), embedded or nullcontext(), _listener(settings) as listener:
        _run(_site(settings, listener, embedded, stop, with_worker=with_worker))


def work(settings: Settings) -> None:
    """Run only the worker, for web servers elsewhere, until Ctrl-C or SIGTERM. Raises CannotStart."""
    with suppress(KeyboardInterrupt), database(settings) as url:
        _run(_jobs_alone(settings, url, Stop()))


def database(settings: Settings) -> AbstractContextManager[str]:
    """The address of the site's database for one command; the embedded one is started if it does not run."""
    return nullcontext(settings.database_url) if settings.database_url else database_of(settings.var)


async def _site(
    settings: Settings, listener: socket.socket, embedded: Embedded | None, stop: Stop, *, with_worker: bool
) -> None:
    url = embedded.url if embedded else settings.database_url
    stop.breaks_off_this_task()
    await prepare(url)
    async with tools_for(settings, url) as tools:
        if settings.demo:
            await _load_demo(tools)
        app, jobs = build(tools), worker(url, tools)
        web = Web(configuration(app))
        parts = [web.serve([listener])]
        if with_worker:
            parts.append(_keep_working(jobs, stop.told))
        if embedded:
            parts.append(_keep_running(embedded, stop.told))
        print(welcome(settings), flush=True)

        def end() -> None:
            web.should_exit = True
            app.state.streams.end()
            jobs.stop()

        await _together(parts, stop, end)


async def _jobs_alone(settings: Settings, url: str, stop: Stop) -> None:
    stop.breaks_off_this_task()
    await prepare(url)
    async with tools_for(settings, url) as tools:
        jobs = worker(url, tools)
        print("The worker is ready. Ctrl-C stops it.", flush=True)
        await _together([_keep_working(jobs, stop.told)], stop, jobs.stop)


async def _load_demo(tools: Tools) -> None:
    from forum.demo.commands import load_demo

    loading = asyncio.create_task(load_demo(tools.db))
    done, _ = await asyncio.wait([loading], timeout=0.5)
    if not done:
        print("Loading the demo community, once …", flush=True)
    await loading


async def prepare(url: str) -> None:
    """Bring the database up to date. Raises CannotStart."""
    try:
        await migrate(url)
    except MigrationError as error:
        raise CannotStart(str(error)) from error


def welcome(settings: Settings) -> str:
    """What a person reads once the site is up: where it is, and what to do next."""
    forum = _command()
    if settings.demo:
        then = (
            "Open it and choose who you are. Every email the forum sends lands in /dev/mail.\n"
            f"Bring a mailing list's archive, from another terminal: {forum} import-mail FILE --category SLUG"
        )
    elif settings.can_mail:
        then = f"Open it and sign in by email. The first administrator: {forum} admin create NAME ADDRESS"
    else:
        then = f"Nobody can sign in yet: set SMTP_URL, so that sign-in links can be mailed. {forum} doctor says more."
    return f"\n{settings.site_name} is ready:\n\n{settings.site_url}\n\n{then}\nCtrl-C stops it.\n"


def _command() -> str:
    """How this very program is called: `forum` once installed, `.venv/bin/python -m forum` in a checkout."""
    if Path(sys.argv[0]).name == "forum":
        return "forum"
    python = Path(sys.executable)
    return f"{python.relative_to(Path.cwd()) if python.is_relative_to(Path.cwd()) else python} -m forum"


class Web(uvicorn.Server):
    """The web server; it leaves signals to us, who stop web, worker and database together."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def configuration(app: Starlette) -> uvicorn.Config:
    """How the web server runs `app`."""
    return uvicorn.Config(
        app,
        http="httptools",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )


@asynccontextmanager
async def tools_for(settings: Settings, url: str) -> AsyncIterator[Tools]:
    """What the web and the jobs of one process reach; ended in order."""
    pool, meili = connect(url), meili_for(settings)
    mailer = mailer_for(settings, pool, partial(site_name, pool, settings))
    await pool.connect()
    try:
        yield Tools(pool, mailer, settings, meili)
    finally:
        with suppress(TimeoutError):
            await asyncio.wait_for(mailer.aclose(), 1)
        if meili:
            await meili.aclose()
        with suppress(TimeoutError):
            await asyncio.wait_for(pool.disconnect(), 1)


async def _together(parts: list[Coroutine[Any, Any, None]], stop: Stop, end: Callable[[], None]) -> None:
    """Run the parts until told to stop or until one of them ends; then `end` asks the others to."""
    stop.spares_this_task()
    tasks = [asyncio.create_task(part) for part in parts]
    told = asyncio.create_task(stop.told.wait())
    await asyncio.wait([told, *tasks], return_when=asyncio.FIRST_COMPLETED)
    stop.told.set()
    done, late = await _end_all(tasks, end)
    for task in late:
        task.cancel()
    await asyncio.gather(told, *late, return_exceptions=True)
    for task in done:
        task.result()


async def _end_all(tasks: list[Task], end: Callable[[], None]) -> tuple[set[Task], set[Task]]:
    """Those that ended in time, and those that did not. Asks more than once: one may only just have begun."""
    deadline = time.monotonic() + GRACE_SECONDS + 0.5
    while True:
        end()
        done, late = await asyncio.wait(tasks, timeout=0.1)
        if not late or time.monotonic() > deadline:
            return done, late


async def _keep_working(jobs: Worker, stopping: asyncio.Event) -> None:
    """Run the worker, and again when the database went away under it."""
    while not stopping.is_set():
        try:
            await jobs.run()
        except Exception as error:
            log.warning("worker starts again", error=outline(error))
            await _pause(stopping)


async def _keep_running(embedded: Embedded, stopping: asyncio.Event) -> None:
    """Start the embedded database again when it ends while the site runs: killed for memory, say."""
    while not stopping.is_set():
        await _pause(stopping)
        if not stopping.is_set() and not embedded.is_running:
            log.error("database ended and is started again")
            embedded.stop()
            embedded.start()


async def _pause(stopping: asyncio.Event) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(stopping.wait(), 1)


def _run(main: Coroutine[Any, Any, None]) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner, suppress(asyncio.CancelledError):
        runner.run(main)


def _listener(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family, backlog=2048)
    except OSError as error:
        raise CannotStart(_port_refusal(settings, error)) from error


def _port_refusal(settings: Settings, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        other = settings.port + 1 if settings.port < 65535 else 8000
        return f"Port {settings.port} is taken by another program. Stop it, or use another: make run PORT={other}"
    if error.errno == errno.EACCES:
        return f"Port {settings.port} is reserved for root. Use one above 1023: make run PORT=8000"
    return f"FORUM_HOST={settings.host} is not an address of this machine. Use 127.0.0.1, or 0.0.0.0 for all of them."
