"""Jobs of the renewals room."""

from forum.kit.tools import Tools
from forum.renewals import bringing, tending


async def clear_up(tools: Tools) -> None:
    """Nightly: drop lists that were looked at."""
    await bringing.forget_lists(tools.db)


async def tend_rounds(tools: Tools) -> None:
    """Hourly, as days begin at other hours elsewhere: open rounds, remind once, close those whose day is over."""
    zone = tools.settings.time_zone
    await tending.close_over(tools.db, zone)
    await tending.open_due(tools.db, zone)
    await tending.remind(tools.db)
