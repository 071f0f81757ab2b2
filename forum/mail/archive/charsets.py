"""Turns bytes into text whatever their label says; no codec that is not a character set is ever run."""

import codecs
import re
from functools import lru_cache

ALIASES = {
    "ks_c_5601-1987": "cp949",
    "ks_c_5601": "cp949",
    "euc-kr": "cp949",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "gb2312_charset": "gb18030",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "x-sjis": "cp932",
    "big5": "big5hkscs",
    "unicode-1-1-utf-7": "utf-7",
    "x-unicode-2-0-utf-7": "utf-7",
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "us-ascii": "utf-8",
    "ascii": "utf-8",
    "ansi_x3.4-1968": "utf-8",
    "8bit": "utf-8",
    "utf8mb4": "utf-8",
    "x-mac-roman": "mac-roman",
    "macintosh": "mac-roman",
}
UNLABELLED = frozenset({"", "x-unknown", "unknown-8bit", "unknown", "default", "none", "binary", "default_charset"})
SAFE = re.compile(
    r"utf-(?:7|8|16|16-le|16-be|32|32-le|32-be)|utf_8_sig|ascii|iso8859-\d+|cp\d+|koi8-[rtu]|kz1048|ptcp154|tis-620"
    r"|gb2312|gbk|gb18030|hz|big5|big5hkscs|euc_\w+|shift_jis\w*|iso2022_\w+|johab|mac-\w+"
)
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\u2028\u2029]+")
STEERING = re.compile(r"[\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069]+")


def decode(content: bytes, label: str | None) -> tuple[str, str]:
    """The text, and what was wrong with the label ("" if nothing): first the label, then UTF-8, then Windows-1252."""
    codec, complaint = _codec(label or "")
    for name in (codec, "utf-8"):
        try:
            return clean(content.decode(name)), complaint
        except UnicodeError:
            complaint = complaint or f"the text is not {label}" if label else complaint
    return clean(content.decode("cp1252", "replace")), complaint or "the text has no charset and is not UTF-8"


def clean(text: str) -> str:
    """Without NUL, other control characters and half characters: what a database and a page can hold."""
    if not text.isascii():
        text = text.encode("utf-8", "replace").decode("utf-8")
    return CONTROLS.sub("", text)


def clean_line(text: str) -> str:
    """One line for a name or title: no line breaks, no characters that turn the direction of what follows."""
    return " ".join(STEERING.sub("", clean(text)).split())


@lru_cache(maxsize=256)
def _codec(label: str) -> tuple[str, str]:
    name = label.strip("\"' \t").lower().split("*")[0]
    if name in UNLABELLED:
        return "utf-8", ""
    try:
        codec = codecs.lookup(ALIASES.get(name, name)).name
    except (LookupError, ValueError):
        return "utf-8", f"unknown charset {clean_line(label)[:40]}"
    return (codec, "") if SAFE.fullmatch(codec) else ("utf-8", f"unknown charset {clean_line(label)[:40]}")
