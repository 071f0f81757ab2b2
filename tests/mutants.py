"""How many of mutmut's changes to the policies the tests noticed: `make mutants` prints it and fails below LEAST."""

import json
import sys
from pathlib import Path

LEAST = 0.95
RESULTS = Path(__file__).parents[1] / "mutants" / "forum"
NOTICED = {1, 3, 24, 36, 152, 255, -24}  # pytest's and mutmut's codes for a failing test, and for one that did not end


def main() -> int:
    """0 when enough was noticed, else 1."""
    made = noticed = 0
    for path in sorted(RESULTS.glob("*/policy.py.meta")):
        codes = json.loads(path.read_text())["exit_code_by_key"].values()
        killed = sum(code in NOTICED for code in codes)
        made, noticed = made + len(codes), noticed + killed
        print(f"{path.parent.name:16}{len(codes):5} changes{killed:5} noticed{len(codes) - killed:5} not")
    if not made:
        print("There are no results: mutmut did not run.")
        return 1
    print(f"{'all':16}{made:5} changes{noticed:5} noticed{made - noticed:5} not: {noticed / made:.1%}")
    return 0 if noticed / made >= LEAST else 1


if __name__ == "__main__":
    sys.exit(main())
