"""Closes two leaks in the transactions of databases 0.9.0.

A COMMIT that fails, or a task cancelled during BEGIN, COMMIT or ROLLBACK, never gave its
connection back, so a few such errors emptied the pool for good. Here the connection goes
back in every case; when its state is unknown it is closed and the pool makes a new one.
A database that goes away in the middle is said to be away, whatever the driver says of it,
and a transaction that it gave up for another one's sake is said to be that.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import asyncpg
from databases import core

from forum.kit.errors import Crossed, Unavailable

DOWN = (
    OSError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
    asyncpg.ConnectionDoesNotExistError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
)
GIVEN_UP = asyncpg.TransactionRollbackError  # class 40, as of two that wait for each other


@contextmanager
def _refused() -> Iterator[None]:
    try:
        yield
    except DOWN as error:
        raise Unavailable from error
    except GIVEN_UP as error:
        raise Crossed from error


class SafeTransaction(core.Transaction):
    """databases' transaction, with the connection given back whatever happens."""

    async def start(self) -> "SafeTransaction":
        self._held = held = self._connection
        backend = held._connection.transaction()
        async with held._transaction_lock:
            is_outermost = not held._transaction_stack
            with _refused():
                await held.__aenter__()
                try:
                    await backend.start(is_root=is_outermost, extra_options=self._extra_options)
                except BaseException:
                    await _give_back(held, is_broken=True)
                    raise
            self._transaction = backend
            held._transaction_stack.append(self)
        return self

    async def commit(self) -> None:
        await self._finish("commit")

    async def rollback(self) -> None:
        await self._finish("rollback")

    async def _finish(self, how: str) -> None:
        held: Any = self._held
        async with held._transaction_lock:
            held._transaction_stack.pop()
            is_broken = True
            try:
                if not _is_gone(held._connection._connection):
                    with _refused():
                        await getattr(self._transaction, how)()
                elif how == "commit":
                    raise Unavailable
                is_broken = False
            finally:
                self._transaction = None
                await _give_back(held, is_broken=is_broken)


def _is_gone(driver: Any) -> bool:
    try:
        return driver is None or driver.is_closed()
    except asyncpg.InterfaceError:  # the pool has taken it back, because it broke
        return True


async def _give_back(held: Any, *, is_broken: bool) -> None:
    driver = held._connection._connection
    is_last_user = held._connection_counter == 1
    if is_broken and is_last_user and not _is_gone(driver) and driver.is_in_transaction():
        driver.terminate()
    await held.__aexit__()


def install() -> None:
    """Make every Database of this process use SafeTransaction."""
    core.Transaction = SafeTransaction  # type: ignore[misc]
