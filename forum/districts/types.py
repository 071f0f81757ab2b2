"""Shapes of the districts room."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from forum.kit.errors import Invalid

MAX_NAME, MAX_STATE, MAX_DOMAIN = 120, 60, 253
MOST_STUDENTS = 2**31 - 1
LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
# Two labels or more: whoever has an address below it may join by themselves, and "org" would let in everybody.
DOMAIN = re.compile(rf"(?:{LABEL}\.)+(?=[a-z0-9-]*[a-z]){LABEL}")


@dataclass(frozen=True)
class District:
    """An organisation. `enrolment` counts its students; None where nobody said."""

    id: int
    name: str
    state: str
    enrolment: int | None


@dataclass(frozen=True)
class DistrictDraft:
    """A district to be made or completed; what is empty or None stays as it was."""

    name: str
    state: str = ""
    enrolment: int | None = None
    domains: Sequence[str] = ()

    def check(self) -> None:
        """Raises Invalid with a sentence for each field that will not do."""
        problems = {}
        if not 0 < len(self.name) <= MAX_NAME or not self.name.isprintable() or self.name.isspace():
            problems["name"] = f"A district's name is one line of 1 to {MAX_NAME} characters."
        if len(self.state) > MAX_STATE or not self.state.isprintable():
            problems["state"] = f"A state is one line of at most {MAX_STATE} characters."
        if self.enrolment is not None and not 0 <= self.enrolment <= MOST_STUDENTS:
            problems["enrolment"] = "Enrolment is the number of students."
        if bad := [domain for domain in self.domains if len(domain) > MAX_DOMAIN or not DOMAIN.fullmatch(domain)]:
            problems["domains"] = f"{bad[0][:60]} is no mail domain: write it as district.org."
        if problems:
            raise Invalid(**problems)
