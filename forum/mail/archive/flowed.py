"""Puts the lines of format=flowed text (RFC 3676) back together, quotes and all."""

SIGNATURE = "-- "


def unflowed(text: str, *, joins_words: bool) -> str:
    """The text with its soft line breaks undone; joins_words is the parameter DelSp."""
    out: list[str] = []
    pending: list[str] = []
    pending_depth = 0
    for line in text.split("\n"):
        depth, words = _unquoted(line)
        if pending and (depth != pending_depth or words == SIGNATURE):
            out.append(_written(pending_depth, pending))
            pending = []
        is_soft = words.endswith(" ") and words != SIGNATURE
        pending.append(words[:-1] if is_soft and joins_words else words)
        pending_depth = depth
        if not is_soft:
            out.append(_written(depth, pending))
            pending = []
    if pending:
        out.append(_written(pending_depth, pending))
    return "\n".join(out)


def _unquoted(line: str) -> tuple[int, str]:
    words = line.lstrip(">")
    depth = len(line) - len(words)
    return depth, words[1:] if words.startswith(" ") else words


def _written(depth: int, words: list[str]) -> str:
    return ("> " * depth if depth < 50 else ">" * depth) + "".join(words)
