"""Shapes of the districts room."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import available_timezones

from forum.kit.errors import Invalid

MAX_NAME, MAX_STATE, MAX_DOMAIN = 120, 60, 253
MOST_STUDENTS = 2**31 - 1
RULES = {"blocked": "Nobody joins from it", "vendor": "A vendor's: held for approval"}
LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
# Two labels or more: whoever has an address below it may join by themselves, and "org" would let in everybody.
DOMAIN = re.compile(rf"(?:{LABEL}\.)+(?=[a-z0-9-]*[a-z]){LABEL}")


def suffixes(domain: str) -> list[str]:
    """`domain` and whatever ends it on a dot: "a.b.org" → ["a.b.org", "b.org", "org"]."""
    labels = domain.split(".")
    return [".".join(labels[start:]) for start in range(len(labels))]


def checked_domain(text: str) -> str:
    """A mail domain in small letters. Raises Invalid for field `domain`."""
    domain = text.strip(" @.").lower()
    if len(domain) > MAX_DOMAIN or not DOMAIN.fullmatch(domain):
        raise Invalid(domain="Write an email domain as district.org, without what stands before the @.")
    return domain


@dataclass(frozen=True)
class SizeBand:
    """Districts of about one size, by how many students they have: from `least` to under `most`."""

    slug: str
    name: str
    least: int
    most: int


SIZE_BANDS = (
    SizeBand("under-1000", "Under 1,000 students", 0, 1_000),
    SizeBand("1000-2499", "1,000 to 2,499 students", 1_000, 2_500),
    SizeBand("2500-4999", "2,500 to 4,999 students", 2_500, 5_000),
    SizeBand("5000-9999", "5,000 to 9,999 students", 5_000, 10_000),
    SizeBand("10000-up", "10,000 students and more", 10_000, MOST_STUDENTS),
)
# Kinds of place as the National Center for Education Statistics tells them apart.
LOCALES = {"city": "City", "suburb": "Suburb", "town": "Town", "rural": "Rural"}


@dataclass(frozen=True)
class DistrictDomain:
    """A mail domain whose people join a district by themselves."""

    domain: str
    district_id: int
    district_name: str


@dataclass(frozen=True)
class DomainRule:
    """A mail domain, with its subdomains, that is "blocked" or a "vendor"'s."""

    domain: str
    kind: str


@dataclass(frozen=True)
class DomainBook:
    """Every rule about mail domains: which district one belongs to, and its kind."""

    districts: Mapping[str, int]
    kinds: Mapping[str, str]

    def district_of(self, domain: str) -> int | None:
        """The id of the district of the closest domain, on a dot boundary."""
        return next((self.districts[each] for each in suffixes(domain) if each in self.districts), None)

    def kind_of(self, domain: str) -> str:
        """ "blocked", "vendor" or "": the strictest that holds."""
        return min((self.kinds[each] for each in suffixes(domain) if each in self.kinds), default="")


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
    locale: str = ""
    time_zone: str = ""

    def check(self) -> None:
        """Raises Invalid with a sentence for each field that will not do."""
        problems = {}
        if not 0 < len(self.name) <= MAX_NAME or not self.name.isprintable() or self.name.isspace():
            problems["name"] = f"A district's name is one line of 1 to {MAX_NAME} characters."
        if len(self.state) > MAX_STATE or not self.state.isprintable():
            problems["state"] = f"A state is one line of at most {MAX_STATE} characters."
        if self.enrolment is not None and not 0 <= self.enrolment <= MOST_STUDENTS:
            problems["enrolment"] = "Enrollment is the number of students."
        if self.locale and self.locale not in LOCALES:
            problems["locale"] = f"A kind of place is {', '.join(LOCALES)}."
        if self.time_zone and self.time_zone not in available_timezones():
            problems["time_zone"] = "A time zone has a name as America/Chicago."
        if bad := [domain for domain in self.domains if len(domain) > MAX_DOMAIN or not DOMAIN.fullmatch(domain)]:
            problems["domains"] = f"{bad[0][:60]} is no email domain: write it as district.org."
        if problems:
            raise Invalid(**problems)
