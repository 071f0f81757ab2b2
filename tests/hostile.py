"""Strings written to break out of a page, from the collections among the real data."""

import json
from collections.abc import Iterator

from tests.real_data import DATA

HOSTILE = DATA / "hostile"


def attacks() -> Iterator[str]:
    """About 600 attacks people have used, each as it was written down."""
    for case in json.loads((HOSTILE / "xss-owasp" / "vectors.json").read_text()):
        yield case["vector"]
    yield from json.loads((HOSTILE / "xss-blns" / "blns.json").read_text())
    for path in sorted((HOSTILE / "xss-bleach").glob("*.test")):
        yield path.read_text().partition("\n--\n")[0]
