"""The accent colour can be read wherever it is used, in light and in dark, or it is refused with one that can."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forum.kit.errors import Invalid
from forum.kit.site import STATIC
from forum.site.contrast import (
    DARK,
    DEFAULT,
    LIGHT,
    ON_ACCENT,
    READABLE_FROM,
    accent,
    checked,
    contrast,
    nearest,
    stylesheet,
)

COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#ffffff", "#ffffff", 1.0),
        ("#777777", "#ffffff", 4.48),  # known pairs of the tools that check pages
        ("#767676", "#ffffff", 4.54),
        ("#ff0000", "#ffffff", 4.0),
        ("#0000ff", "#ffffff", 8.59),
        ("#008000", "#ffffff", 5.14),
    ],
)
def test_contrast_is_that_of_the_guidelines(one, other, ratio):
    assert contrast(one, other) == pytest.approx(ratio, abs=0.005)
    assert contrast(other, one) == contrast(one, other)


def test_the_surfaces_are_those_of_the_stylesheet():
    tokens = dict(re.findall(r"--([\w-]+): light-dark\((#\w+, #\w+)\)", (STATIC / "css" / "tokens.css").read_text()))

    assert {name: f"{LIGHT[name]}, {DARK[name]}" for name in LIGHT} == {name: tokens[name] for name in LIGHT}
    assert tokens["on-accent"] == f"{ON_ACCENT['light']}, {ON_ACCENT['dark']}"
    assert tokens["accent"].startswith(DEFAULT)


@given(COLOURS)
def test_every_colour_that_is_taken_can_be_read_everywhere_and_the_others_get_one_that_can(colour):
    both = accent(colour)
    if both.light.contrast >= READABLE_FROM:
        assert checked(colour) == colour
        assert both.dark.contrast >= READABLE_FROM
    else:
        with pytest.raises(Invalid) as refused:
            checked(colour)
        assert f"{both.light.contrast:.2f}" in refused.value.fields["accent"]
        assert checked(nearest(colour)) in refused.value.fields["accent"]


@pytest.mark.parametrize("pale", ["#ffff00", "#ffffff", "#7fc8ff", "#ff9900", "#808080"])
def test_pale_colours_are_refused(pale):
    with pytest.raises(Invalid):
        checked(pale)


@pytest.mark.parametrize("text", ["red", "#fff", "#12345", "#1234567", "#12345g", "14595f", "#14595f;}*{color:red", ""])
def test_what_is_no_colour_is_refused(text):
    with pytest.raises(Invalid, match="accent"):
        checked(text)


def test_capitals_and_spaces_do_not_matter():
    assert checked(" #14595F ") == "#14595f"


def test_the_stylesheet_is_named_for_its_content():
    (one, name), (other, other_name) = stylesheet("#14595f"), stylesheet("#5c4a9e")

    assert one.startswith(":root {\n  --accent: light-dark(#14595f, ")
    assert name != other_name
    assert re.fullmatch(r":root \{\n(  --[a-z-]+: light-dark\(#[0-9a-f]{6}, #[0-9a-f]{6}\);\n){4}\}\n", other)
