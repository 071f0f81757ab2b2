"""A sent form, read strictly: known fields, one value each unless many are meant, whole numbers written plainly."""

from collections.abc import Iterator, Mapping, Sequence

from forum.kit.errors import Invalid

MOST_MANY = 100
TOKEN = "token"  # noqa: S105 - the field that every form of ours has, see kit/tokens.py


class Form(Mapping[str, str]):
    """The fields of a form by name; a field that may come many times is read with `many` or `ids`."""

    def __init__(self, fields: Sequence[tuple[str, str]], files: Mapping[str, bytes] | None = None) -> None:
        self._fields = tuple(fields)
        self._last = dict(fields)
        self._files = files or {}

    def __getitem__(self, name: str) -> str:
        return self._last[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._last)

    def __len__(self) -> int:
        return len(self._last)

    @property
    def fields(self) -> tuple[tuple[str, str], ...]:
        """All of it, as it came."""
        return self._fields

    @property
    def files(self) -> Mapping[str, bytes]:
        """The contents of the files that came with it, by field."""
        return self._files

    def only(self, names: Sequence[str], many: Sequence[str] = ()) -> None:
        """Raises Invalid when there is a field beside `names` and `many`, or one of `names` or the token twice."""
        known = {TOKEN, *names, *many}
        for name, _ in self._fields:
            if name not in known:
                raise Invalid(
                    form="This form holds a field that does not belong to it. Reload the page, and send it again."
                )
        sent = [name for name, _ in self._fields]
        if any(sent.count(name) > 1 for name in (TOKEN, *names)):
            raise Invalid(form="This form holds a field twice. Reload the page, and send it again.")

    def many(self, name: str) -> tuple[str, ...]:
        """Every value of a field that may come many times. Raises Invalid for more than 100."""
        values = tuple(text for field, text in self._fields if field == name)
        if len(values) > MOST_MANY:
            raise Invalid(**{name: f"At most {MOST_MANY} at once."})
        return values

    def whole(self, name: str) -> int | None:
        """A whole number from 0 up to 18 digits; None when the field is missing or empty. Raises Invalid."""
        text = self._last.get(name, "")
        return _whole(name, text) if text else None

    def ids(self, name: str) -> tuple[int, ...]:
        """The ids in a field that may come many times. Raises Invalid."""
        return tuple(_whole(name, text) for text in self.many(name))

    def flag(self, name: str) -> bool:
        """Whether a box was ticked or a button pressed, whose value is always 1. Raises Invalid for another value."""
        return bool(self._last.get(name)) and self.one_of(name, ("1",)) == "1"

    def one_of(self, name: str, choices: Sequence[str]) -> str:
        """The field's value, which must be one of `choices`. Raises Invalid."""
        value = self._last.get(name, "")
        if value not in choices:
            raise Invalid(**{name: "Choose one of those offered."})
        return value


def _whole(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Invalid(**{name: "Write a whole number here."})
    return int(text)
