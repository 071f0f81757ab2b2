"""`make attack`: both programs against a demo of their own; ends with 1 when one finds something."""

import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

from tests.attack.fuzz import fuzz
from tests.attack.sql import inject
from tests.attack.target import demo

MINUTES = {"schemathesis": (fuzz, 6), "sqlmap": (inject, 14)}


def main(names: list[str]) -> int:
    problems: list[str] = []
    with tempfile.TemporaryDirectory(prefix="forum-attack-") as made:
        folder = Path(made)
        with demo(folder) as target:
            for name in names or list(MINUTES):
                attack, minutes = MINUTES[name]
                began = time.monotonic()
                print(f"\n{name} {version(name)}, at most {minutes} minutes", flush=True)
                for outcome in attack(target, folder, minutes * 60):
                    print(f"{outcome.requests:7} requests  {outcome.name}  {outcome.problem and 'FAILED'}", flush=True)
                    problems += [f"{outcome.name}\n{outcome.problem}"] if outcome.problem else []
                print(f"{time.monotonic() - began:.0f} s; answers so far: {dict(sorted(target.answers().items()))}")
            problems += target.complaints()
            print(f"{len(target.views())} views were reached.")
    print("\n".join(problems) or "Nothing found.")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
