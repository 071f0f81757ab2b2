"""Reads and parses archives in chunks; a long archive gets processes of its own for parsing."""

import asyncio
import multiprocessing
import os
import signal
import threading
import zlib
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from forum.mail.archive.formats import read_archives
from forum.mail.archive.message import parse
from forum.mail.archive.types import Mail, Problem, RawMessage

CHUNK_MESSAGES = 250
CHUNK_BYTES = 512 << 10
CHUNKS_IN_PROCESS = 2
PARSERS = min(2, os.cpu_count() or 1)
LEVEL = 3


@dataclass(frozen=True, slots=True)
class Parsed:
    """A mail, or why there is none; raw: the whole message, compressed."""

    mail: Mail | Problem
    raw: bytes


async def parsed_chunks(paths: Sequence[Path]) -> AsyncGenerator[list[Parsed], None]:
    """The archives' messages in order. The first two chunks are parsed here, as most archives are short."""
    chunks = _chunks(paths)
    for _ in range(CHUNKS_IN_PROCESS):
        chunk = await asyncio.to_thread(next, chunks, None)
        if chunk is None:
            return
        yield await asyncio.to_thread(parse_chunk, chunk)
    following = await asyncio.to_thread(next, chunks, None)
    if following is not None:
        async with aclosing(_parsed_elsewhere(chain([following], chunks))) as elsewhere:
            async for done in elsewhere:
                yield done


def parse_chunk(chunk: Sequence[RawMessage | Problem]) -> list[Parsed]:
    """Parses the messages of a chunk; problems of whole files pass through."""
    return [
        Parsed(each, b"") if isinstance(each, Problem) else Parsed(parse(each), zlib.compress(each.raw, LEVEL))
        for each in chunk
    ]


def _chunks(paths: Sequence[Path]) -> Iterator[list[RawMessage | Problem]]:
    chunk: list[RawMessage | Problem] = []
    size = 0
    for each in read_archives(paths):
        chunk.append(each)
        size += len(each.raw) if isinstance(each, RawMessage) else 0
        if len(chunk) >= CHUNK_MESSAGES or size >= CHUNK_BYTES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


async def _parsed_elsewhere(chunks: Iterator[list[RawMessage | Problem]]) -> AsyncGenerator[list[Parsed], None]:
    async with _parsers() as parsers:
        waiting: deque[tuple[list[RawMessage | Problem], Future[list[Parsed]]]] = deque()
        while True:
            chunk = await asyncio.to_thread(next, chunks, None)
            if chunk is not None:
                waiting.append((chunk, parsers.submit(parse_chunk, chunk)))
            if not waiting:
                return
            if chunk is None or len(waiting) > PARSERS:
                yield await _outcome(*waiting.popleft())


async def _outcome(chunk: list[RawMessage | Problem], future: "Future[list[Parsed]]") -> list[Parsed]:
    try:
        return await asyncio.wrap_future(future)
    except BrokenProcessPool:  # a parser was ended from outside, for memory perhaps; nothing of its chunk is lost
        return await asyncio.to_thread(parse_chunk, chunk)


@asynccontextmanager
async def _parsers() -> AsyncIterator[ProcessPoolExecutor]:
    parsers = ProcessPoolExecutor(PARSERS, multiprocessing.get_context("spawn"), initializer=_follow_parent)
    try:
        yield parsers
    finally:
        await asyncio.to_thread(parsers.shutdown, wait=True, cancel_futures=True)


def _follow_parent() -> None:
    """In a parser: Ctrl-C is the parent's to handle, and when the parent is killed nothing is left running."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    if parent := multiprocessing.parent_process():
        parent.join()
        os._exit(1)
