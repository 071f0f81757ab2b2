"""Tells a mail's own words from what it quotes, its signature and what the list wrote under it; line by line."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise, takewhile
from typing import Literal

Kind = Literal["words", "quote", "tail", "signature", "footer"]

MAX_MATCHED = 400
QUOTED = re.compile(r"\s{0,3}>")
ESCAPED_FROM = re.compile(r">From \S")
VERB = (
    r"(?:wrote|writes|said|schrieb|a écrit|escribió|escreveu|ha scritto|scrisse|schreef|skrev|napisał\(?a?\)?"
    r"|написал\(?а?\)?|пише|kirjoitti|yazdı|napsal\(?a?\)?|írta|写道|寫道)"
)
ATTRIBUTION = re.compile(rf".{{0,350}}\b{VERB}\b.{{0,60}}[::]|.{{0,350}}<[^<>\s]{{3,100}}>\s?[::]", re.I)
ORIGINAL = re.compile(
    r"-{2,}\s?(?:Original (?:Message|Appointment)|Ursprüngliche Nachricht|Message d'origine|Mensaje original"
    r"|Messaggio originale|Oorspronkelijk bericht|Mensagem original|Forwarded message)\s?-{2,}",
    re.I,
)
HEAD_FROM = re.compile(r"\*?(?:From|Von|De|Da|Van|Från|Fra|Od|От|发件人|差出人)\s?[::]\*?\s*\S", re.I)
HEAD_OTHER = re.compile(
    r"\*?(?:Sent|Date|To|Subject|Cc|Gesendet|Datum|An|Betreff|Envoyé|À|Objet|Enviado|Para|Asunto|Inviato|A|Oggetto"
    r"|Verzonden|Aan|Onderwerp|Skickat|Till|Ämne|发送时间|收件人|主题|件名|宛先)\s?[::]",
    re.I,
)
RULE = re.compile(r"(?:_{8,}|-{8,}|={8,}|--|-- )")
UNDERLINES = re.compile(r"_{8,}")
FOOTER = re.compile(
    r"mailing list|listinfo|unsubscribe|/mailman|googlegroups\.com|Google Groups|list archives"
    r"|You received this message because|listserv|to leave the list",
    re.I,
)
NEXT_PART = re.compile(r"-{10,} next part -{10,}")
SCRUBBED = re.compile(r".{0,60}(?:was scrubbed|Skipped content of type)", re.I)
DEVICE = re.compile(
    r"(?:Sent from (?:my|Mail|Outlook|Yahoo|Gmail|ProtonMail).{0,60}|Get Outlook for .{0,80}"
    r"|Von meinem \S{1,30} gesendet|Envoyé de mon .{0,40}|Enviado desde mi .{0,40}|Inviato da .{0,40})",
    re.I,
)
SPECIAL = re.compile(
    r"\s*(?:>|[-_=]|\*?(?:From|Von|De|Da|Van|Från|Fra|Od|От|发件人|差出人)\s?[::]|Sent from|Get Outlook|Von meinem"
    r"|Envoyé de|Enviado desde|Inviato da)",
    re.I,
)
MAX_SIGNATURE = 20
MAX_FOOTER = 12
SHORT_QUOTE = 6


@dataclass(slots=True)
class Section:
    """A run of lines of one kind; attribution: the "On Monday Ann wrote:" above a quote."""

    kind: Kind
    lines: list[str]
    attribution: list[str] = field(default_factory=list)

    @property
    def is_blank(self) -> bool:
        return not any(line.strip() for line in self.lines)


def sections(text: str) -> list[Section]:
    """The parts of a mail in order. Whatever is in doubt counts as its own words."""
    lines = text.split("\n")
    found: list[Section] = []
    at = 0
    while at < len(lines):
        kind, end = _special(lines, at, found)
        if not found or found[-1].kind != kind or kind in ("footer", "signature"):
            found.append(Section(kind, []))
        found[-1].lines += lines[at:end]
        at = end
    return _with_attributions(_joined_quotes([each for each in found if not each.is_blank or each.kind == "words"]))


def folds(parts: Sequence[Section], at: int) -> bool:
    """Whether a quote is folded away: a long one, or one that nobody answers line by line."""
    quote = parts[at]
    if quote.kind == "tail":
        return True
    length = sum(1 for line in quote.lines if line.strip())
    own = [index for index, each in enumerate(parts) if each.kind == "words" and not each.is_blank]
    return bool(own) and (length > SHORT_QUOTE or at > own[-1])


def _special(lines: list[str], at: int, before: list[Section]) -> tuple[Kind, int]:
    """What begins at this line and where it ends: most lines are words and end at once."""
    line = lines[at]
    if not line.strip():
        return (before[-1].kind if before and before[-1].kind in ("quote", "tail") else "words"), at + 1
    if not SPECIAL.match(line):
        return "words", at + 1
    line = line[:MAX_MATCHED]
    if QUOTED.match(line):
        return "words" if _is_escaped_from(lines, at) else "quote", at + 1
    if RULE.fullmatch(line) or NEXT_PART.fullmatch(line):
        if end := _footer_end(lines, at):
            return "footer", end
        if line.rstrip() == "--" and (end := _signature_end(lines, at)):
            return "signature", end
    if DEVICE.fullmatch(line.strip()):
        return "signature", at + 1
    if _begins_original(lines, at) and any(each.kind == "words" and not each.is_blank for each in before):
        return "tail", _tail_end(lines, at)
    return "words", at + 1


def _is_escaped_from(lines: list[str], at: int) -> bool:
    """A ">From " that a mailbox made of a sentence, not a quote: nothing quoted stands around it."""
    if not ESCAPED_FROM.match(lines[at]):
        return False
    return not any(QUOTED.match(each) for each in (*lines[max(at - 1, 0) : at], *lines[at + 1 : at + 2]))


def _footer_end(lines: list[str], at: int) -> int:
    """Where the list's own lines end that begin with this rule; 0 when they are none."""
    if NEXT_PART.fullmatch(lines[at]):
        return _block_end(lines, at) if any(SCRUBBED.match(line) for line in lines[at + 1 : at + 3]) else 0
    near = list(takewhile(lambda line: not UNDERLINES.fullmatch(line), lines[at + 1 : at + 6]))
    if any(QUOTED.match(line) for line in near) or not any(FOOTER.search(line[:MAX_MATCHED]) for line in near):
        return 0
    end = _block_end(lines, at + 1 if lines[at + 1].strip() else at + 2)
    while end + 1 < len(lines) and FOOTER.search(lines[end + 1][:MAX_MATCHED]) and not QUOTED.match(lines[end + 1]):
        end = _block_end(lines, end + 1)
    return end


def _block_end(lines: list[str], at: int) -> int:
    end = at + 1
    while end < len(lines) and end - at < MAX_FOOTER and lines[end].strip() and not QUOTED.match(lines[end]):
        end += 1
    return end


def _signature_end(lines: list[str], at: int) -> int:
    """Where a signature ends; 0 when what follows is too long to be one."""
    end = at + 1
    while end < len(lines) and not QUOTED.match(lines[end]) and not NEXT_PART.fullmatch(lines[end]):
        if UNDERLINES.fullmatch(lines[end]) or lines[end].rstrip() == "--" or _begins_original(lines, end):
            break
        end += 1
        if end - at > MAX_SIGNATURE:
            return 0
    return end


def _begins_original(lines: list[str], at: int) -> bool:
    """Whether Outlook's copy of the mail that is answered begins here."""
    line = lines[at][:MAX_MATCHED].strip()
    if ORIGINAL.fullmatch(line):
        return True
    if UNDERLINES.fullmatch(line):
        following = next((index for index in range(at + 1, min(at + 4, len(lines))) if lines[index].strip()), at)
        return following > at and HEAD_FROM.match(lines[following]) is not None and _is_head(lines, following)
    return HEAD_FROM.match(line) is not None and _is_head(lines, at)


def _is_head(lines: list[str], at: int) -> bool:
    return sum(1 for line in lines[at + 1 : at + 7] if HEAD_OTHER.match(line.strip()[:MAX_MATCHED])) >= 2


def _tail_end(lines: list[str], at: int) -> int:
    """The end of the mail, or the list's footer that stands there last."""
    for index in range(len(lines) - 1, max(at, len(lines) - 2 * MAX_FOOTER), -1):
        if UNDERLINES.fullmatch(lines[index]) and _footer_end(lines, index) >= len(lines) - 1:
            return index
    return len(lines)


def _joined_quotes(found: list[Section]) -> list[Section]:
    """Runs of one kind that only an emptied section had separated are one run."""
    out: list[Section] = []
    for each in found:
        if out and out[-1].kind == each.kind and each.kind in ("words", "quote"):
            out[-1].lines += each.lines
        else:
            out.append(each)
    return out


def _with_attributions(found: list[Section]) -> list[Section]:
    """Moves "On Monday Ann wrote:" from the end of the words to the quote it announces."""
    for before, quote in pairwise(found):
        if before.kind == "words" and quote.kind == "quote":
            count = _attribution_length(before.lines)
            if count:
                quote.attribution = [line for line in before.lines[-count:] if line.strip()]
                del before.lines[-count:]
    return [each for each in found if not each.is_blank]


def _attribution_length(lines: list[str]) -> int:
    """How many lines at the end announce the quote below: up to three, behind them at most one blank one."""
    end = len(lines)
    while end and not lines[end - 1].strip() and len(lines) - end < 2:
        end -= 1
    for count in (1, 2, 3):
        start = end - count
        if start < 0 or not lines[start].strip():
            return 0
        joined = " ".join(line.strip() for line in lines[start:end])[:MAX_MATCHED]
        if ATTRIBUTION.fullmatch(joined) and (start == 0 or not lines[start - 1].strip() or count == 3):
            return len(lines) - start
    return 0
