"""Jobs about what members look for."""

from forum.kit.tools import Tools
from forum.search import asking


async def forget_asked(tools: Tools) -> None:
    """Nightly: what was looked for is forgotten after 90 days."""
    await asking.forget(tools.db)
