"""Every route of the forum as requests, for tests that hold for all of them."""

import re
from collections.abc import Iterator, Mapping

from forum.wiring import DEMO_ROUTES, ROUTES

PLACE = re.compile(r"{(\w+)(?::\w+)?}")
WORDS = {"slug": "anything", "order": "latest", "token": "x" * 22, "handle": "nobody", "name": "keyboard"}
UNSAFE = ("POST", "PUT", "PATCH", "DELETE")


def requests(routes=(*ROUTES, *DEMO_ROUTES)) -> Iterator[tuple[str, str]]:
    """The method and the path pattern of each thing one can ask for; HEAD is not listed."""
    for route in routes:
        for method in sorted(route.methods - {"HEAD"}):
            yield method, route.path


def filled(path: str, **values: object) -> str:
    """`path` with its places filled in; ids are 1 unless given."""
    words: Mapping[str, object] = WORDS | values
    return PLACE.sub(lambda place: str(words.get(place[1], 1)), path)


def places(path: str) -> set[str]:
    return set(PLACE.findall(path))
