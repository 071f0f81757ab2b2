"""Shapes of the products room: what its queries return and its commands accept."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from forum.kit.errors import Invalid
from forum.kit.forms import Form
from forum.kit.text import has_controls, has_words, is_web_address, one_line, with_query

MAX_NAME, MAX_CATEGORY, MAX_ABOUT, MAX_NOTE, MAX_WEBSITE = 120, 80, 1000, 500, 300
MOST_NAMES = 20
FIRST_YEAR = 1970
STATUSES = {"current": "Sold today", "renamed": "Sold under another name today", "discontinued": "Not sold anymore"}
ORDERS = {"name": "By name", "rating": "Best rated first"}
PRODUCT_FIELDS = ("name", "vendor", "category", "about", "website", "status", "other_names")
SUGGESTION_FIELDS = ("name", "vendor", "category", "website", "note")


def compared(name: str) -> str:
    """`name` as names are compared: "Go-Guardian® Admin" and "goguardian admin" are one. "" when nothing is left."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(character for character in folded if character.isalnum())[:200]


@dataclass(frozen=True)
class ProductRow:
    """A product in the catalogue. `districts`: how many run it today."""

    id: int
    slug: str
    name: str
    status: str
    vendor_name: str
    category_name: str
    districts: int

    @property
    def path(self) -> str:
        return f"/products/{self.slug}"

    @property
    def status_words(self) -> str:
        return STATUSES[self.status]


@dataclass(frozen=True)
class RatedRow(ProductRow):
    """A product with what its reviews come to. score: None below three districts; rated_by: how many districts."""

    score: float | None
    rated_by: int


@dataclass(frozen=True)
class Product(ProductRow):
    """One product. other_names: whatever else it is or was called; all_districts: how many there are."""

    about: str
    website: str
    version: int
    vendor_id: int
    review_thread_id: int | None
    vendor_slug: str
    category_slug: str
    other_names: tuple[str, ...]
    all_districts: int


@dataclass(frozen=True)
class Kind:
    """A kind of products."""

    slug: str
    name: str


@dataclass(frozen=True)
class Category(Kind):
    """A kind of products, with how many of them its reader sees."""

    products: int

    @property
    def path(self) -> str:
        return f"/products?category={self.slug}"


def kind_choices(kinds: Sequence[Kind], first: str) -> list[tuple[str, str]]:
    """The kinds of products for a field that chooses one; `first` is what it says while none is chosen."""
    return [("", first), *((each.slug, each.name) for each in kinds)]


@dataclass(frozen=True)
class Vendor:
    """Who makes products."""

    id: int
    slug: str
    name: str

    @property
    def path(self) -> str:
        return f"/vendors/{self.slug}"


@dataclass(frozen=True)
class VendorPerson:
    """An account of a vendor."""

    member_id: int
    handle: str
    name: str


@dataclass(frozen=True)
class Use:
    """That a district runs a product, or ran it. Years are None where nobody said."""

    district_id: int
    district_name: str
    since_year: int | None
    left_year: int | None

    @property
    def words(self) -> str:
        """Since when, and until when: "2019 to 2023", "since 2019", "until 2023", ""."""
        if self.since_year and self.left_year:
            return f"{self.since_year} to {self.left_year}"
        if self.since_year:
            return f"since {self.since_year}"
        return f"until {self.left_year}" if self.left_year else ""


@dataclass(frozen=True)
class Suggestion:
    """A product that somebody misses."""

    id: int
    member_id: int
    member_name: str
    member_handle: str
    name: str
    vendor_name: str
    category_slug: str
    category_name: str
    website: str
    note: str
    created_at: datetime


@dataclass(frozen=True)
class Sought:
    """Which products a reader looks for; what is empty asks for nothing. order: one of ORDERS."""

    q: str = ""
    category: str = ""
    order: str = "name"

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> "Sought":
        order = query.get("order", "")
        return cls(
            query.get("q", "").strip()[:MAX_NAME],
            query.get("category", "").strip()[:MAX_CATEGORY],
            order if order in ORDERS else "name",
        )

    @property
    def compared(self) -> str:
        return compared(self.q)

    def path(self, after: str = "") -> str:
        """Where this is shown, from behind the address `after`."""
        order = "" if self.order == "name" else self.order
        values = {"q": self.q, "category": self.category, "order": order, "after": after}
        return with_query("/products", values)


@dataclass(frozen=True)
class ProductDraft:
    """A product as typed. vendor: a name; one that is not there yet is made. other_names: one a line."""

    name: str
    vendor: str
    category: str
    about: str = ""
    website: str = ""
    status: str = "current"
    other_names: str = ""

    @classmethod
    def from_form(cls, form: Mapping[str, str]) -> "ProductDraft":
        return cls(
            name=one_line(form.get("name", "")),
            vendor=one_line(form.get("vendor", "")),
            category=form.get("category", ""),
            about=form.get("about", "").strip(),
            website=form.get("website", "").strip(),
            status=form.get("status", ""),
            other_names=form.get("other_names", "").strip(),
        )

    @property
    def names(self) -> tuple[str, ...]:
        """The other names, each once."""
        lines = (one_line(line) for line in self.other_names.split("\n"))
        return tuple({compared(line): line for line in lines if line}.values())

    def check(self) -> None:
        """Raises Invalid with a sentence for each field that will not do."""
        problems = named_problems(self)
        if len(self.about) > MAX_ABOUT:
            problems["about"] = f"At most {MAX_ABOUT:,} characters; this has {len(self.about):,}."
        if self.status not in STATUSES:
            problems["status"] = "Choose one of those offered."
        if len(self.names) > MOST_NAMES:
            problems["other_names"] = f"At most {MOST_NAMES} other names; these are {len(self.names)}."
        elif wrong := [name for name in self.names if name_problems("name", name)]:
            problems["other_names"] = f"“{wrong[0][:40]}” is no name: 1 to {MAX_NAME} ordinary characters."
        if problems:
            raise Invalid(**problems)


@dataclass(frozen=True)
class SuggestionDraft:
    """A product that somebody misses, as typed."""

    name: str
    vendor: str
    category: str
    website: str = ""
    note: str = ""

    @classmethod
    def from_form(cls, form: Mapping[str, str]) -> "SuggestionDraft":
        return cls(
            name=one_line(form.get("name", "")),
            vendor=one_line(form.get("vendor", "")),
            category=form.get("category", ""),
            website=form.get("website", "").strip(),
            note=form.get("note", "").strip(),
        )

    def check(self) -> None:
        """Raises Invalid with a sentence for each field that will not do."""
        problems = named_problems(self)
        if len(self.note) > MAX_NOTE:
            problems["note"] = f"At most {MAX_NOTE} characters; this has {len(self.note)}."
        if problems:
            raise Invalid(**problems)


@dataclass(frozen=True)
class UseDraft:
    """Since when, and until when, a district runs a product; None: not said, or still in use."""

    since_year: int | None = None
    left_year: int | None = None

    @classmethod
    def from_form(cls, form: Form) -> "UseDraft":
        """Raises Invalid for what is no whole number."""
        return cls(form.whole("since_year"), form.whole("left_year"))

    def check(self, this_year: int) -> None:
        """Raises Invalid with a sentence for each year that cannot be."""
        problems = {}
        for field in ("since_year", "left_year"):
            year: int | None = getattr(self, field)
            if year is not None and not FIRST_YEAR <= year <= this_year:
                problems[field] = f"Write a year from {FIRST_YEAR} to {this_year}, or leave it empty."
        if not problems and self.since_year and self.left_year and self.left_year < self.since_year:
            problems["left_year"] = f"That is before {self.since_year}, when you began. Put the later year here."
        if problems:
            raise Invalid(**problems)


def named_problems(draft: ProductDraft | SuggestionDraft) -> dict[str, str]:
    """What is wrong with what both drafts say: the product's name, vendor, kind and page."""
    problems = name_problems("name", draft.name) | name_problems("vendor", draft.vendor)
    problems |= website_problems(draft.website)
    return problems if draft.category else problems | {"category": "Choose what kind of product it is."}


def name_problems(field: str, name: str) -> dict[str, str]:
    """What is wrong with the name of a product or a vendor."""
    is_fine = 0 < len(name) <= MAX_NAME and compared(name) and has_words(name) and not has_controls(name)
    return {} if is_fine else {field: f"Write its name: 1 to {MAX_NAME} characters with a letter or a digit."}


def website_problems(website: str) -> dict[str, str]:
    """What is wrong with the address of a product's page; none is fine."""
    if not website or (is_web_address(website) and len(website) <= MAX_WEBSITE):
        return {}
    return {"website": f"Write the address of its page, https://…, at most {MAX_WEBSITE} characters."}
