"""Mentions in a post: only those that name a member stay links."""

import re
from dataclasses import replace

from forum.kit.db import Database, rows
from forum.kit.markdown import Rendered

# As kit/mentions.py and kit/sanitize.py write them.
LINK = re.compile(r'<a class="mention" href="/people/([a-z0-9._-]{1,40})"[^<>]*>(@[^<>]*)</a>')


INNERMOST_QUOTE = re.compile(r"<blockquote[^>]*>(?:(?!<blockquote).)*?</blockquote>", re.DOTALL)
DEEPEST_QUOTE = 8
MOST_CALLED = 20  # who names more calls nobody beyond them


def called(html: str) -> tuple[str, ...]:
    """The handles that a post calls, up to 20 in their order: not those in quotes, who were called before."""
    for _ in range(DEEPEST_QUOTE):
        html, count = INNERMOST_QUOTE.subn(" ", html)
        if not count:
            break
    return tuple(dict.fromkeys(found[1] for found in LINK.finditer(html)))[:MOST_CALLED]


def unlinked(html: str) -> str:
    """A post for vendors, who do not see people's pages: mentions are plain words."""
    return LINK.sub(r"\2", html)


async def known(db: Database, rendered: Rendered) -> Rendered:
    """`rendered` with mentions of nobody as plain words; who joins later under that handle was not meant."""
    handles = sorted({found[1] for found in LINK.finditer(rendered.html)})
    if not handles:
        return rendered
    found = await rows(
        db,
        """
        SELECT m.handle FROM member m
        WHERE m.handle = ANY(CAST(:handles AS text[])) AND m.state IN ('active', 'unclaimed', 'deactivated')
        """,
        handles=handles,
    )
    there = {row["handle"] for row in found}
    html = LINK.sub(lambda link: link[0] if link[1] in there else link[2], rendered.html)
    return replace(rendered, html=html, mentions=tuple(handle for handle in rendered.mentions if handle in there))
