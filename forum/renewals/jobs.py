"""Jobs of the renewals room."""

from forum.kit.tools import Tools
from forum.renewals import bringing


async def clear_up(tools: Tools) -> None:
    """Nightly: drop lists that were looked at."""
    await bringing.forget_lists(tools.db)
