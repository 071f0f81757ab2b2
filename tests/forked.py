"""`python -m tests.forked` runs `forum …` for tests, each in a process forked from this one, which has imported it all.

A line of JSON on its input is one command: `words`, `env`, and the files `out` and `err`. The answer is its exit code.
"""

import json
import os
import sys
import traceback
from importlib import import_module

IMPORTED = ("forum.serve", "forum.demo.commands", "forum.mail.archive.commands", "forum.doctor")  # by some command


def run(command: dict) -> int:
    """Run it as a process of its own. Returns its exit code."""
    child = os.fork()
    if child == 0:
        for number, path in ((1, command["out"]), (2, command["err"])):
            os.dup2(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC), number)
        os.environ.clear()
        os.environ.update(command["env"])
        sys.argv[1:] = command["words"]
        os._exit(code_of_main())
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def code_of_main() -> int:
    """What `python -m forum` would end with."""
    from forum.cli import main

    code = 0
    try:
        main()
    except SystemExit as end:
        code = int(end.code or 0)
    except BaseException:
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    return code


if __name__ == "__main__":
    for name in IMPORTED:
        import_module(name)
    for line in sys.stdin:
        print(run(json.loads(line)), flush=True)
