"""Shapes of the accounts room."""

from dataclasses import dataclass

from forum.kit.errors import Invalid
from forum.kit.forms import Form
from forum.kit.holdings import Holding
from forum.members.types import Actor

MAX_REASON = 500
CHOICES = {
    "anonymise": "Keep my posts under “Former member”, so that answers still make sense.",
    "remove": "Remove the words of my posts as well, also from their history.",
}
Holdings = tuple[Holding[Actor], ...]


@dataclass(frozen=True)
class DeletionDraft:
    """The wish to delete one's own account: `handle` is typed to show that it is meant."""

    choice: str
    handle: str

    @classmethod
    def from_form(cls, form: Form) -> "DeletionDraft":
        return cls(form.get("choice", ""), form.get("handle", "").strip().removeprefix("@"))

    def check(self, actor: Actor) -> None:
        """Raises Invalid with a sentence for each field that will not do."""
        problems = {}
        if self.choice not in CHOICES:
            problems["choice"] = "Choose what becomes of your posts."
        if self.handle != actor.handle:
            problems["handle"] = f"Type {actor.handle} to show that you mean it."
        if problems:
            raise Invalid(**problems)


@dataclass(frozen=True)
class MergeDraft:
    """Two handles: everything of the first goes to the second."""

    from_handle: str
    into_handle: str
    reason: str

    @classmethod
    def from_form(cls, form: Form) -> "MergeDraft":
        source, into = (form.get(name, "").strip().removeprefix("@") for name in ("from_handle", "into_handle"))
        return cls(source, into, form.get("reason", "").strip())

    def check(self) -> None:
        """Raises Invalid with a sentence for each field that will not do."""
        problems = {}
        if self.from_handle == self.into_handle:
            problems["into_handle"] = "Name two different accounts."
        if not 0 < len(self.reason) <= MAX_REASON:
            problems["reason"] = f"Say why in 1 to {MAX_REASON} characters: both accounts are told."
        if problems:
            raise Invalid(**problems)


@dataclass(frozen=True)
class Side:
    """One of two accounts that are to become one."""

    id: int
    handle: str
    name: str
    role: str
    state: str
