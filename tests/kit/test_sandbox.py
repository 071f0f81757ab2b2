"""Work that may never end is done in child processes that do."""

import asyncio
import os
import signal
import sys
from contextlib import contextmanager
from subprocess import PIPE, Popen
from time import monotonic, sleep

import pytest

from forum.kit.sandbox import PACKAGE_ROOT, Broken, Sandbox, TooSlow
from tests.waiting import PATIENCE_S


@contextmanager
def sandbox(name, **limits):
    box = Sandbox(f"tests.kit.child_functions:{name}", **limits)
    yield box
    box.close()


def is_running(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_text_goes_in_and_comes_out_whole():
    with sandbox("shout") as box:
        assert await box.run("one\ntwo ü \ud83d \x00") == "ONE\nTWO Ü \ud83d \x00"


async def test_many_calls_share_two_children():
    with sandbox("pid") as box:
        pids = await asyncio.gather(*(box.run("") for _ in range(20)))

    assert 1 <= len(set(pids)) <= 2


async def test_a_slow_call_is_stopped_and_its_child_goes_on():
    with sandbox("loop", cpu_seconds=0.2, size=1) as box:
        with pytest.raises(TooSlow):
            await box.run("slow")
        assert await box.run("quick") == "quick"


@pytest.mark.parametrize(("name", "limits"), [("loop_in_c", {"cpu_seconds": 0.1}), ("sleep", {"wall_seconds": 0.5})])
async def test_a_child_that_cannot_be_interrupted_is_killed(name, limits):
    start = monotonic()
    with sandbox(name, **limits) as box, pytest.raises(TooSlow):
        await box.run("")

    assert monotonic() - start < 15


async def test_a_child_that_dies_over_a_call_is_replaced():
    with sandbox("die", size=1) as box:
        for _ in range(2):
            with pytest.raises(TooSlow):
                await box.run("")


async def test_a_child_killed_between_calls_is_replaced():
    with sandbox("pid", size=1) as box:
        first = int(await box.run(""))
        os.kill(first, signal.SIGKILL)
        await asyncio.sleep(0.1)

        assert int(await box.run("")) != first


async def test_a_bug_is_reported_by_kind_and_place_without_the_text():
    with sandbox("fail") as box, pytest.raises(Broken, match=r"^ValueError in .*child_functions\.py:\d+$"):
        await box.run("somebody's words")


async def test_a_child_does_not_see_our_settings(monkeypatch):
    monkeypatch.setenv("SMTP_URL", "smtp://user:secret@mail")
    with sandbox("environment") as box:
        assert "SMTP_URL" not in await box.run("")


async def test_after_close_no_child_is_left_and_the_next_call_starts_one():
    with sandbox("pid", size=1) as box:
        first = int(await box.run(""))
        box.close()

        assert not is_running(first)
        assert int(await box.run("")) != first


def test_a_child_ends_when_its_parent_is_killed():
    program = (
        "import asyncio, time; from forum.kit.sandbox import Sandbox;"
        "box = Sandbox('tests.kit.child_functions:pid');"
        "print(asyncio.run(box.run('')), flush=True); time.sleep(60)"
    )
    with Popen([sys.executable, "-c", program], stdout=PIPE, text=True, cwd=PACKAGE_ROOT) as parent:
        child = int(parent.stdout.readline())
        parent.kill()

    deadline = monotonic() + PATIENCE_S
    while is_running(child) and monotonic() < deadline:
        sleep(0.02)
    assert not is_running(child)
