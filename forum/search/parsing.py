"""What somebody typed in a search box, taken apart, and the same with a filter more or less. Pure."""

from collections.abc import Iterable
from urllib.parse import urlencode

from forum.search.found_types import Filter, Typed
from forum.search.pieces import NAMES, QUOTES, Piece, as_text, named, pieces, seen, value_of
from forum.search.types import Word

LONGEST, MOST_WORDS = 200, 24
ONCE = ("is", "after")  # a second one takes the place of the first
THERE_ARE = f"There are {', '.join(f'{name}:' for name in list(NAMES)[:-1])} and {list(NAMES)[-1]}:."
TOO_LONG = f"Only the first {LONGEST} characters are looked at."
TOO_MANY = f"Only the first {MOST_WORDS} words are looked for."


def parse(text: str, *, is_typing: bool = False) -> Typed:
    """`text` taken apart; never raises. is_typing: its last word may go on, unless a space ends it.

    What is no filter, or a filter's wrong value, is named in `problems` and counts as words. A quote that is not
    closed ends with the text; while somebody types it is none yet.
    """
    whole = seen(text).lstrip()
    kept = whole[:LONGEST]
    is_begun = is_typing and kept == whole and not kept[-1:].isspace()
    found = list(pieces(kept.rstrip(), is_begun=is_begun))
    words, is_cut = _counted(word for piece in found for word in piece.words)
    filters, clashes = _once(dict.fromkeys(piece.filter for piece in found if piece.filter))
    problems = [*(piece.problem for piece in found), *_unknown(found), *clashes]
    problems += [TOO_LONG] * (len(whole.rstrip()) > LONGEST) + [TOO_MANY] * is_cut
    return Typed(kept.rstrip(), words, filters, tuple(dict.fromkeys(filter(None, problems))))


def with_filter(typed: Typed, added: Filter) -> str:
    """The query text with one more filter, which stands in front where it would otherwise be cut off."""
    added = Filter(added.name, value_of(added.name, added.value))
    if not added.value or added in typed.filters:
        return typed.text
    text = without(typed, added)
    if text.translate(QUOTES).count('"') % 2:
        text += '"'
    longer = f"{text} {as_text(added)}".strip()
    return longer if len(longer) <= LONGEST else f"{as_text(added)} {text}"[:LONGEST].strip()


def without(typed: Typed, removed: Filter) -> str:
    """The query text with that filter taken off; of filters that count once, with all of the name."""
    kept, at = "", 0
    for piece in pieces(typed.text):
        if piece.filter and (piece.filter == removed or piece.filter.name == removed.name in ONCE):
            kept += f"{typed.text[at : piece.start]} "
            at = piece.end
    return " ".join(f"{kept}{typed.text[at:]}".split())


def search_path(text: str, page: int = 1) -> str:
    """Where that page of the results for a query text is."""
    return f"/search?{urlencode({'q': text} if page == 1 else {'q': text, 'page': page})}"


def _counted(words: Iterable[Word]) -> tuple[tuple[Word, ...], bool]:
    """As many as are looked for, and whether there were more; a phrase counts as the words in it."""
    kept: list[Word] = []
    left = MOST_WORDS
    for word in words:
        parts = word.text.split()
        if left:
            kept.append(word if len(parts) <= left else Word(" ".join(parts[:left]), word.is_phrase, word.is_left_out))
        if len(parts) > left:
            return tuple(kept), True
        left -= len(parts)
    return tuple(kept), False


def _once(filters: Iterable[Filter]) -> tuple[tuple[Filter, ...], list[str]]:
    """The filters that count, and a sentence for those that exclude each other."""
    kept, problems = list(filters), []
    for name in ONCE:
        same = [each for each in kept if each.name == name]
        if same[1:]:
            problems.append(f"{named(same[0])} and {named(same[-1])} exclude each other: the last one counts.")
            kept = [each for each in kept if each.name != name or each is same[-1]]
    return tuple(kept), problems


def _unknown(found: Iterable[Piece]) -> list[str]:
    said = [f"“{name}:”" for name in dict.fromkeys(piece.unknown for piece in found if piece.unknown)]
    if len(said) < 2:
        return [f"{name} is no filter here. {THERE_ARE}" for name in said]
    return [f"{', '.join(said[:-1])} and {said[-1]} are no filters here. {THERE_ARE}"]
