"""What changed between two versions of a text, line by line and word by word, ready for a template."""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import groupby
from typing import Literal

WORDS = re.compile(r"\w+(?:[.,'’]\w+)*|\s+|[^\w\s]")
ALIKE = 0.4  # share of letters that stay, for a line to be called changed rather than replaced
NEAR = 3  # lines ahead: a paragraph and a blank line may have come before it
MAX_CELLS = 2_500  # a longer stretch without a single unique line in common is replaced as a whole

Change = Literal["same", "removed", "added"]


@dataclass(frozen=True)
class Segment:
    """A piece of a line."""

    kind: Change
    text: str


@dataclass(frozen=True)
class Row:
    """A line of the comparison. "changed" rows hold removed and added segments in reading order; "skipped" ones
    stand for `lines` equal lines and hold none."""

    kind: Literal["same", "removed", "added", "changed", "skipped"]
    segments: tuple[Segment, ...] = ()
    lines: int = 1


@dataclass(frozen=True)
class _Block:
    """Where two sequences agree, or what stands in place of what."""

    is_same: bool
    old: Sequence[str]
    new: Sequence[str]


def compare(old: str, new: str, *, context: int = 2) -> list[Row]:
    """The rows that lead from `old` to `new`, with `context` equal lines around each change.

    About a second at most for 30,000 characters each, whatever they are. Line endings and their kinds do not count.
    """
    rows: list[Row] = []
    for block in _blocks(old.splitlines(), new.splitlines()):
        rows += [_row("same", line) for line in block.old] if block.is_same else _changed(block.old, block.new)
    return list(_collapsed(rows, context))


def _row(kind: Change, line: str) -> Row:
    return Row(kind, (Segment(kind, line),))


def _changed(old: Sequence[str], new: Sequence[str]) -> Iterator[Row]:
    """Lines that replace each other: each old one with the next new one that is alike, if one is near."""
    start = 0
    for before in old:
        near = range(start, min(start + NEAR, len(new)))
        at, row = next(((at, row) for at in near if (row := _pair(before, new[at]))), (start, None))
        yield from (_row("added", line) for line in new[start:at])
        yield row or _row("removed", before)
        start = at + 1 if row else start
    yield from (_row("added", line) for line in new[start:])


def _pair(before: str, after: str) -> Row | None:
    """One row for both lines, or None where they have little in common."""
    if before == after:
        return _row("same", before)
    segments = _segments(before, after)
    return Row("changed", segments) if _is_alike(segments) else None


def _segments(old: str, new: str) -> tuple[Segment, ...]:
    pieces: list[Segment] = []
    for block in _merged(_without_gaps(_blocks(WORDS.findall(old), WORDS.findall(new)))):
        if block.is_same:
            pieces.append(Segment("same", "".join(block.old)))
        else:
            pieces += [Segment("removed", "".join(block.old)), Segment("added", "".join(block.new))]
    return tuple(piece for piece in pieces if piece.text)


def _without_gaps(blocks: list[_Block]) -> list[_Block]:
    """Two changed words with only a space between them read better as one change."""
    inner = range(1, len(blocks) - 1)
    return [
        replace(block, is_same=False) if i in inner and not "".join(block.old).strip() else block
        for i, block in enumerate(blocks)
    ]


def _is_alike(segments: tuple[Segment, ...]) -> bool:
    kept = sum(len(segment.text) * 2 for segment in segments if segment.kind == "same")
    lost = sum(len(segment.text) for segment in segments if segment.kind != "same")
    return kept >= ALIKE * (kept + lost)


def _collapsed(rows: list[Row], context: int) -> Iterator[Row]:
    """Long runs of equal rows cut down to those next to a change."""
    position = 0
    for is_same, group in groupby(rows, key=lambda row: row.kind == "same"):
        run = list(group)
        head = 0 if position == 0 else context
        tail = 0 if position + len(run) == len(rows) else context
        position += len(run)
        hidden = len(run) - head - tail
        if is_same and hidden > 1:
            yield from [*run[:head], Row("skipped", lines=hidden), *run[len(run) - tail :]]
        else:
            yield from run


def _blocks(old: Sequence[str], new: Sequence[str]) -> list[_Block]:
    """Patience diff: what is unique on both sides anchors the rest. Neither quadratic nor misled by blank lines."""
    blocks: list[_Block] = []
    start_old = start_new = 0
    for at_old, at_new in [*_anchors(old, new), (len(old), len(new))]:
        if at_old > start_old or at_new > start_new:
            blocks += _between(old[start_old:at_old], new[start_new:at_new])
        blocks.append(_Block(True, old[at_old : at_old + 1], new[at_new : at_new + 1]))
        start_old, start_new = at_old + 1, at_new + 1
    return _merged(blocks)


def _merged(blocks: list[_Block]) -> list[_Block]:
    """Same and different in turn, none of them empty."""
    filled = [block for block in blocks if block.old or block.new]
    runs = [list(run) for _, run in groupby(filled, key=lambda block: block.is_same)]
    return [
        _Block(
            run[0].is_same,
            [token for block in run for token in block.old],
            [token for block in run for token in block.new],
        )
        for run in runs
    ]


def _anchors(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Positions of the longest row of tokens that are unique on both sides and in the same order."""
    counts_old, counts_new = Counter(old), Counter(new)
    place = {token: position for position, token in enumerate(new)}
    unique = [(i, place[token]) for i, token in enumerate(old) if counts_old[token] == 1 == counts_new[token]]
    return _longest_rising(unique)


def _longest_rising(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest subsequence whose second members rise, by patience sorting: n log n."""
    tops: list[int] = []
    at_top: list[int] = []
    before: list[int] = []
    for position, (_, value) in enumerate(pairs):
        pile = bisect_left(tops, value)
        before.append(at_top[pile - 1] if pile else -1)
        tops[pile : pile + 1] = [value]
        at_top[pile : pile + 1] = [position]
    chain: list[tuple[int, int]] = []
    position = at_top[-1] if at_top else -1
    while position >= 0:
        chain.append(pairs[position])
        position = before[position]
    return chain[::-1]


def _between(old: Sequence[str], new: Sequence[str]) -> Iterator[_Block]:
    """What lies between two anchors: equal at both ends, compared closely in the middle if that is short."""
    head = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    rest_old, rest_new = old[head:], new[head:]
    pairs = zip(reversed(rest_old), reversed(rest_new), strict=False)
    tail = next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(rest_old), len(rest_new)))
    end_old, end_new = len(rest_old) - tail, len(rest_new) - tail
    yield _Block(True, old[:head], new[:head])
    yield from _closely(rest_old[:end_old], rest_new[:end_new])
    yield _Block(True, rest_old[end_old:], rest_new[end_new:])


def _closely(old: Sequence[str], new: Sequence[str]) -> Iterator[_Block]:
    if not old or not new or len(old) * len(new) > MAX_CELLS:
        yield _Block(False, old, new)
        return
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        yield _Block(kind == "equal", old[a:b], new[c:d])
