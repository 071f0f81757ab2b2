"""The kinds of things that can be followed, with their words: all else that is said of a kind is looked up here."""

from typing import NamedTuple


class Thing(NamedTuple):
    """A kind. name: over a row of that kind; it: after "You no longer follow"; of_it: after "new messages".

    this_one: after "You follow", of what a post belongs to, with {} for its name. id_at: what its id is called in
    addresses, "" where there is one only. is_mutable: whether it can be unwanted whatever else is followed.
    """

    name: str
    it: str
    of_it: str
    this_one: str
    id_at: str
    is_mutable: bool = False


# From the closest to the widest: of equal levels the closest is said to be the reason.
THINGS = {
    "thread": Thing("Thread", "this thread", "of this thread", "this thread", "thread_id", is_mutable=True),
    "person": Thing("Person", "this person", "by this person", "its author, {}", "member_id", is_mutable=True),
    "search": Thing("Saved search", "this search", "that this search finds", "your search “{}”", "saved_id"),
    "product": Thing(
        "Product", "this product", "about this product", "the product {}, which it mentions", "product_id"
    ),
    "topic": Thing("Topic", "this topic", "on this topic", "the topic {}", "topic_id", is_mutable=True),
    "vendor": Thing("Vendor", "this vendor", "about this vendor", "the vendor {}", "vendor_id"),
    "category": Thing(
        "Category", "this category", "in this category", "the category {}", "category_id", is_mutable=True
    ),
    "everything": Thing("The whole forum", "everything here", "written here", "everything here", ""),
}
KINDS = tuple(THINGS)
