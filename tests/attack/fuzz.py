"""schemathesis against every route, as each role: no answer of 500 or above, none without the headers of ours."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.attack.openapi import description
from tests.attack.target import ROLES, Target
from tests.product.running import ROOT

# What closes the account that asks comes last and alone, or all the rest would be asked as a guest.
CLOSING = re.compile("/settings/account/(deactivate|delete)")
PROGRAM = (Path(sys.executable).parent / "schemathesis", "run")
CHECKS = "not_a_server_error,has_our_headers"
EXAMPLES = 12
STILL_SIGNED_IN = 0.95  # of a role's requests before the closing ones


@dataclass(frozen=True)
class Outcome:
    """What one run said. requests: as it counts them. problem: its words, "" when there is none."""

    name: str
    requests: int
    problem: str


def fuzz(target: Target, folder: Path, seconds: int) -> Iterator[Outcome]:
    """Every route as every role, `seconds` for all of them."""
    for role in ROLES:
        yield _as(target, folder, role, seconds // len(ROLES))


def _as(target: Target, folder: Path, role: str, seconds: int) -> Outcome:
    before, requests, operations, problem = target.asked(), 0, 0, ""
    for is_closing in (False, True):
        about = folder / f"{role}-{is_closing}.json"
        only = _closing if is_closing else _not_closing
        about.write_text(json.dumps(description(only=only)))
        share = seconds // 10 if is_closing else seconds * 9 // 10
        done = _run(about, target.url, ROLES[role], share, folder)
        (folder / f"{role}-{is_closing}.txt").write_text(done.stdout + done.stderr)
        requests += sum(map(int, re.findall(r"(\d+) generated", done.stdout)))
        operations += sum(map(int, re.findall(r"Tested: (\d+)", done.stdout)))
        problem += "" if done.returncode == 0 else (done.stdout + done.stderr)[-3000:]
        if not is_closing:
            asked = target.asked() - before
    if role != "guest" and asked[True] < asked.total() * STILL_SIGNED_IN:
        problem += f"Only {asked[True]} of {asked.total()} requests came from the {role}, the others from a guest."
    return Outcome(f"schemathesis as {role}: {operations} operations, signed in {asked[True]} times", requests, problem)


def _closing(method: str, path: str) -> bool:
    return method != "GET" and bool(CLOSING.fullmatch(path))


def _not_closing(method: str, path: str) -> bool:
    return not _closing(method, path)


def _run(about: Path, url: str, handle: str, seconds: int, folder: Path) -> subprocess.CompletedProcess[str]:
    known = {"SCHEMATHESIS_HOOKS": "tests.attack.hooks", "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [*PROGRAM, about, "--url", url, "--checks", CHECKS, "--phases", "examples,coverage,fuzzing",
         "--max-examples", str(EXAMPLES), "--max-time", str(seconds), "--max-redirects", "0", "--seed", "1",
         "--continue-on-failure", "--warnings", "off", "--no-color", "--generation-database", "none",
         "--suppress-health-check", "all"],
        env={**os.environ, **known, "ATTACK_URL": url, "ATTACK_HANDLE": handle},
        cwd=folder, capture_output=True, text=True, check=False, timeout=seconds + 120,
    )  # fmt: skip
