"""Functions that test_sandbox.py runs in child processes."""

import os
import time
from contextlib import suppress


def shout(text: str) -> str:
    return text.upper()


def pid(text: str) -> str:
    return str(os.getpid())


def environment(text: str) -> str:
    return " ".join(os.environ)


def fail(text: str) -> str:
    raise ValueError(text)


def die(text: str) -> str:
    os._exit(3)


def loop(text: str) -> str:
    """Slow only when asked to be."""
    while text == "slow":
        with suppress(Exception):  # as a careless library would
            sum(range(1000))
    return text


def loop_in_c(text: str) -> str:
    return str(sum(range(10**12)))


def sleep(text: str) -> str:
    time.sleep(60)
    return text
