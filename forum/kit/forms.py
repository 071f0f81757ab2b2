"""A sent form, read strictly: known fields, one value each unless many are meant, whole numbers written plainly."""

from collections.abc import Iterator, Mapping, Sequence

from forum.kit.errors import Invalid

MOST_MANY = 100
TOKEN = "token"  # noqa: S105 - the field that every form of ours has, see kit/tokens.py


class Form(Mapping[str, str]):
    """The fields of a form by name; a field that may come many times is read with `many` or `ids`."""

    def __init__(self, fields: Sequence[tuple[str, str]]) -> None:
        self._fields = tuple(fields)
        self._last = dict(fields)

    def __getitem__(self, name: str) -> str:
        return self._last[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._last)

    def __len__(self) -> int:
        return len(self._last)

    def only(self, names: Sequence[str], many: Sequence[str] = ()) -> None:
        """Raises Invalid when there is a field beside `names` and `many`, or one of `names` twice."""
        known = {TOKEN, *names, *many}
        for name, _ in self._fields:
            if name not in known:
                raise Invalid(
                    form="This form holds a field that does not belong to it. Reload the page, and send it again."
                )
        if any(len(self.many(name)) > 1 for name in names):
            raise Invalid(form="This form holds a field twice. Reload the page, and send it again.")

    def many(self, name: str) -> tuple[str, ...]:
        """Every value of a field that may come many times. Raises Invalid for more than 100."""
        values = tuple(text for field, text in self._fields if field == name)
        if len(values) > MOST_MANY:
            raise Invalid(**{name: f"At most {MOST_MANY} at once."})
        return values

    def whole(self, name: str) -> int | None:
        """A whole number from 0 up to 18 digits; None when the field is missing or empty. Raises Invalid."""
        text = self._last.get(name, "").strip(" ")
        return _whole(name, text) if text else None

    def ids(self, name: str) -> tuple[int, ...]:
        """The ids in a field that may come many times. Raises Invalid."""
        return tuple(_whole(name, text) for text in self.many(name))

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
