"""The forum without limits of pace, so that an attack meets the forum: `python -m tests.attack.unlimited serve`."""

from contextlib import suppress

from forum.cli import main
from forum.kit import limits
from forum.kit.errors import TooMany

count = limits.count


async def count_only(*subject: object, **limit: int) -> None:
    with suppress(TooMany):
        await count(*subject, **limit)  # type: ignore[arg-type]


if __name__ == "__main__":
    limits.count = count_only  # type: ignore[assignment]
    main()
