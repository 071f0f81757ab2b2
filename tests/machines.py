"""Runs hypothesis's state machines, which know no await, against the forum, which is nothing but."""

import asyncio
from collections.abc import Awaitable, Callable

from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test


class Machine(RuleBasedStateMachine):
    """A state machine whose rules ask the forum in the loop of the test."""

    loop: asyncio.AbstractEventLoop

    def do(self, doing):
        """What came of it: the answer, or the refusal."""
        return asyncio.run_coroutine_threadsafe(_attempt(doing), self.loop).result()


async def _attempt(doing):
    try:
        return await doing
    except Exception as refusal:
        return refusal


async def run_machine(fresh: Callable[[], Awaitable[Machine]], *, runs: int, steps: int) -> None:
    """Runs `fresh` machines, each for up to so many steps."""
    loop = asyncio.get_running_loop()

    def machine() -> Machine:
        made = asyncio.run_coroutine_threadsafe(fresh(), loop).result()
        made.loop = loop
        return made

    few = settings(
        max_examples=runs,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    await asyncio.to_thread(run_state_machine_as_test, machine, settings=few)
