"""Whether the accent colour can be read wherever it is used, in light and in dark; and its stylesheet. Pure."""

import colorsys
import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache

from forum.kit.errors import Invalid

COLOUR = re.compile(r"#[0-9a-f]{6}")
READABLE_FROM = 4.5  # WCAG 2.2, 1.4.3, level AA, text of usual size

# The tokens of static/css/tokens.css on which the accent stands; a test compares them.
LIGHT = {"paper": "#ffffff", "canvas": "#f6f7f9", "sunken": "#eef0f3"}
DARK = {"paper": "#16181d", "canvas": "#0f1115", "sunken": "#1d2027"}
ON_ACCENT = {"light": "#ffffff", "dark": "#08191a"}
DEFAULT = "#14595f"

Channels = tuple[float, float, float]


@dataclass(frozen=True)
class Theme:
    """The four accent tokens of one theme, as #rrggbb, and the contrast of the pair that is hardest to read."""

    accent: str
    strong: str
    wash: str
    on_accent: str
    contrast: float


@dataclass(frozen=True)
class Accent:
    """An accent colour in both themes."""

    light: Theme
    dark: Theme


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two #rrggbb colours: 1.0 (the same) to 21.0 (black and white).

    Source: WCAG 2.2, "contrast ratio", https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio
    """
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    """Relative luminance of #rrggbb: 0.0 for black to 1.0 for white.

    Source: WCAG 2.2, "relative luminance", https://www.w3.org/TR/WCAG22/#dfn-relative-luminance
    """
    red, green, blue = (_linear(channel) for channel in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)


@lru_cache(maxsize=256)
def accent(colour: str) -> Accent:
    """The tokens `colour` gives: as it is in the light theme, as light as it must be in the dark one.

    No colour can be read both on white and on near black, so the dark theme has one of the same hue.
    """
    return Accent(_light(colour), _dark(colour))


def checked(colour: str) -> str:
    """`colour` in lower case. Raises Invalid, with the nearest colour that will do, unless it can be read."""
    colour = colour.strip().lower()
    if not COLOUR.fullmatch(colour):
        raise Invalid(accent="Write a color as # and six digits or letters up to f: #14595f.")
    reached = accent(colour).light.contrast
    if reached < READABLE_FROM:
        raise Invalid(
            accent=f"This is too pale to read: its contrast is {reached:.2f}, and it takes {READABLE_FROM}. "
            f"The nearest color that will do is {nearest(colour)}."
        )
    return colour


@lru_cache(maxsize=256)
def nearest(colour: str) -> str:
    """The lightest colour of the same hue, not lighter than `colour`, that can be read in the light theme."""
    return next(each for each in _shades(colour, -1) if _light(each).contrast >= READABLE_FROM)


@lru_cache(maxsize=64)
def stylesheet(colour: str) -> tuple[str, str]:
    """The stylesheet that puts `colour` over tokens.css, and the name of that content for its path."""
    both = accent(colour)
    pairs = {
        "--accent": (both.light.accent, both.dark.accent),
        "--accent-strong": (both.light.strong, both.dark.strong),
        "--accent-wash": (both.light.wash, both.dark.wash),
        "--on-accent": (both.light.on_accent, both.dark.on_accent),
    }
    lines = "".join(f"  {name}: light-dark({light}, {dark});\n" for name, (light, dark) in pairs.items())
    css = f":root {{\n{lines}}}\n"
    return css, hashlib.sha256(css.encode()).hexdigest()[:12]


def _light(colour: str) -> Theme:
    strong = _mixed(colour, "#000000", 0.28)
    wash = _mixed(colour, LIGHT["paper"], 0.9)
    return _theme(colour, strong, wash, "light", LIGHT)


def _dark(colour: str) -> Theme:
    """The first shade, from `colour` to white, that can be read with some to spare: dark pages glare less that way."""
    for shade in _shades(colour, 1):
        strong = _mixed(shade, "#ffffff", 0.4)
        wash = _mixed(shade, DARK["paper"], 0.88)
        theme = _theme(shade, strong, wash, "dark", DARK)
        if theme.contrast >= READABLE_FROM + 1.5:
            break
    return theme


def _theme(colour: str, strong: str, wash: str, name: str, surfaces: dict[str, str]) -> Theme:
    on_accent = ON_ACCENT[name]
    pairs = [(colour, surface) for surface in surfaces.values()]
    pairs += [(strong, surfaces["paper"]), (strong, wash), (colour, wash), (on_accent, colour), (on_accent, strong)]
    return Theme(colour, strong, wash, on_accent, min(contrast(*pair) for pair in pairs))


def _shades(colour: str, step: int) -> list[str]:
    """`colour` and those of its hue and saturation up to white (step 1) or down to black (-1), one by one."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*_channels(colour))
    ends = range(round(lightness * 255) + step, 256 if step > 0 else -1, step)
    return [colour, *(_hex(colorsys.hls_to_rgb(hue, light / 255, saturation)) for light in ends)]


def _mixed(one: str, other: str, share: float) -> str:
    """`one` with a share (0 to 1) of `other`, channel by channel."""
    red, green, blue = (a * (1 - share) + b * share for a, b in zip(_channels(one), _channels(other), strict=True))
    return _hex((red, green, blue))


def _channels(colour: str) -> Channels:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue


def _hex(channels: Channels) -> str:
    return "#" + "".join(f"{round(channel * 255):02x}" for channel in channels)
