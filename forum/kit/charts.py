"""Bar charts as numbers for a template that draws SVG: templates/_chart.html. Colours come from the stylesheet."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

WIDTH, HEIGHT, FOOT, GAP = 520.0, 120.0, 100.0, 0.3


@dataclass(frozen=True)
class Bar:
    """One bar in the units of the picture, with what it stands for; a bar without a value has no height."""

    x: float
    y: float
    width: float
    height: float
    label: str
    text: str


@dataclass(frozen=True)
class Chart:
    """A picture and the same as words. name: letters and hyphens, different on each chart of a page.

    head: what the labels are, for the table.
    """

    name: str
    title: str
    line: str
    bars: tuple[Bar, ...]
    top: str
    head: str = "Week of"

    @property
    def first(self) -> str:
        return self.bars[0].label if self.bars else ""

    @property
    def last(self) -> str:
        return self.bars[-1].label if self.bars else ""


def bar_chart(
    name: str, title: str, points: Sequence[tuple[str, float | None]], words: Callable[[float], str], unit: str = ""
) -> Chart:
    """A chart of `points` (label, value at least 0 or None for none); `words` writes a value for people.

    unit: what a label names, if not a week: "day".
    """
    known = [value for _, value in points if value is not None]
    most, step = max(known, default=0.0), WIDTH / max(1, len(points))
    bars = tuple(_bar(at, step, label, value, most, words) for at, (label, value) in enumerate(points))
    when = f"on {bars[-1].label}" if unit and bars else f"in the week of {bars[-1].label}" if bars else ""
    line = f"{bars[-1].text} {when}; at most {words(most)}." if known else "Nothing yet."
    return Chart(name, title, line, bars, words(most) if known else "", unit.capitalize() or "Week of")


def _bar(at: int, step: float, label: str, value: float | None, most: float, words: Callable[[float], str]) -> Bar:
    height = round(FOOT * value / most, 1) if value and most else 0.0
    text = "none" if value is None else words(value)
    return Bar(round(at * step, 1), round(FOOT - height, 1), round(step * (1 - GAP), 1), height, label, text)
