"""Ends what tests have started once their process is gone, killed even. On Linux; elsewhere such things stay.

`python leash.py STARTER STARTED`, two process ids, leaves somebody behind who watches both.
"""

import os
import select
import signal
import subprocess
import sys


def end_with_us(pid: int) -> None:
    """Once this process is gone, that one is asked to end, as by Ctrl-C."""
    if sys.platform == "linux":
        subprocess.run(
            [sys.executable, "-IS", __file__, str(os.getpid()), str(pid)],
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


def watch(starter: int, started: int) -> None:
    """Leave a process behind that waits for the end of either: no thread is held, and no id can be somebody else's."""
    first, second = os.pidfd_open(starter), os.pidfd_open(started)
    if os.fork() == 0:
        os.setsid()
        ended, _, _ = select.select([first, second], [], [])
        if second not in ended:
            signal.pidfd_send_signal(second, signal.SIGINT)


if __name__ == "__main__":
    watch(int(sys.argv[1]), int(sys.argv[2]))
