"""What counts as a mail address."""

import pytest

from forum.kit.errors import Invalid
from forum.members.address import canonical, domain_of


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("maya@district.org", "maya@district.org"),
        ("  Maya.Okafor+forum@District.ORG \n", "maya.okafor+forum@district.org"),
        ("o'brien_2@k12.district.org", "o'brien_2@k12.district.org"),
        ("maya@schüle.example", "maya@xn--schle-mva.example"),
        ("maya@ＤＩＳＴＲＩＣＴ.org", "maya@district.org"),  # as a browser reads it; mail goes to what is kept
        ("maya@district。org", "maya@district.org"),
    ],
)
def test_an_address_is_kept_in_one_form(typed, kept):
    assert canonical(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "maya",
        "maya@",
        "@district.org",
        "maya@district",
        "maya@district..org",
        "maya@.district.org",
        "maya@district.org.",
        "maya.@district.org",
        ".maya@district.org",
        "ma..ya@district.org",
        "maya@evil.example@district.org",
        '"maya@district.org"@evil.example',
        '"maya"@district.org',
        "maya@[127.0.0.1]",
        "maya(comment)@district.org",
        "Maya <maya@district.org>",
        "maya@district.org, eve@evil.example",
        "maya@district.org\r\nBcc: eve@evil.example",
        "maya@district.org\nsecond",
        "maya\x00@district.org",
        "maya\t@district.org",
        "maya @district.org",
        "mаya@district.org",  # a Cyrillic а
        "=?utf-8?q?eve=40evil.example=3e?=@district.org",
        "=?utf-7?q?eve&AEA-evil.example?=@district.org",
        "eve%evil.example@district.org",
        "evil.example!eve@district.org",
        "maya@" + "ü" * 200 + ".org",
        "m" * 250 + "@district.org",
        "ü" * 300_000,
    ],
)
def test_anything_that_could_be_read_in_two_ways_is_refused(typed):
    with pytest.raises(Invalid) as refusal:
        canonical(typed)

    assert refusal.value.fields == {"address": "Write it as name@district.org."}


def test_the_domain_is_what_stands_behind_the_at():
    assert domain_of("maya@k12.district.org") == "k12.district.org"
