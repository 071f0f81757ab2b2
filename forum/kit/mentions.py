"""@handle in a post: a link to the member, found while Markdown is parsed."""

import re

from markdown_it.rules_inline import StateInline

# A handle ends in a letter or digit, so that "thanks @kim." means kim; nothing of a mail address may follow.
MENTION = re.compile(r"@([A-Za-z0-9](?:[A-Za-z0-9._-]{0,37}[A-Za-z0-9]))(?![\w.-]{0,40}(?:[^\W_]|@))")
BEFORE = frozenset(" \t\n([{<>\"'“‘*_~,;:–—|!?")


def mention_rule(state: StateInline, silent: bool) -> bool:
    """The inline rule that makes @handle a link to its member."""
    if state.src[state.pos] != "@" or state.linkLevel:
        return False
    if state.pos and state.src[state.pos - 1] not in BEFORE:
        return False
    found = MENTION.match(state.src, state.pos, state.posMax)
    if found is None:
        return False
    if not silent:
        handle = found[1].lower()
        opening = state.push("link_open", "a", 1)
        opening.attrs = {"class": "mention", "href": f"/people/{handle}"}
        opening.meta = {"handle": handle}
        state.push("text", "", 0).content = found[0]
        state.push("link_close", "a", -1)
    state.pos = found.end()
    return True
