"""A few documents in which each rule of ranking and each right shows."""

from datetime import UTC, datetime

from forum.search.types import FOR_ALL, MEMBERS, Document, Scope, vendor_audience

LONG_AGO, LATELY = datetime(2016, 2, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)
OPEN, STAFF = 3, 5  # categories
EVERYTHING = Scope((0, OPEN, STAFF), (FOR_ALL, MEMBERS, vendor_audience(2)))
GUEST = Scope((OPEN,), (FOR_ALL,))
GROUPS = [("sis", "student information system"), ("sso", "single sign on"), ("1:1", "one to one"), ("470", "form 470")]


def post(ref_id: int, group: int, role: str, title: str, body: str, **fields: object) -> Document:
    given = {"kind": "post", "kinds": ("question",), "at": LATELY, "category_id": OPEN, "is_answered": False}
    return Document(ref_id=ref_id, title=title, body=body, group=group, role=role, **(given | fields))


def thing(kind: str, ref_id: int, title: str, body: str = "", **fields: object) -> Document:
    return Document(
        **({"kind": kind, "ref_id": ref_id, "title": title, "body": body, "kinds": (kind,), "at": LATELY} | fields)
    )


DOCUMENTS = [
    # Places: the same word in a title, an answer, a question and a reply, the better place each time the older post.
    post(11, 1, "question", "Walnuts in the mailroom", "They are everywhere.", at=LONG_AGO),
    post(12, 2, "question", "What is on the shelf", "Somebody left something there.", is_answered=True),
    post(13, 2, "answer", "What is on the shelf", "These are walnuts.", at=LONG_AGO, is_answered=True),
    post(14, 3, "question", "Snacks for teachers", "Who pays for the walnuts?", at=LONG_AGO),
    post(15, 4, "question", "Lunch", "What do you eat?"),
    post(16, 4, "reply", "Lunch", "I eat walnuts, and walnuts again.", helpful=90),
    # An exact title, long ago; a vague post, lately and helpful.
    post(21, 21, "question", "Chromebook hinge repair", "Ours break in a year.", at=LONG_AGO),
    post(22, 22, "question", "Chromebook repair for a broken hinge", "By whom?", helpful=90, is_answered=True),
    post(23, 23, "question", "Repair", "A chromebook has a hinge, which we repair.", helpful=90, is_answered=True),
    # Alike but for their age, their answer, their marks.
    post(31, 31, "question", "Projector lamps", "Where from?", at=LONG_AGO),
    post(32, 32, "question", "Projector lamps", "Where from?"),
    post(33, 33, "question", "Projector lamps", "Where from?", is_answered=True),
    post(34, 34, "question", "Projector lamps", "Where from?", helpful=3, is_answered=True),
    # Typos, prefixes, exact words.
    post(41, 41, "question", "Printer in the gym", "It jams.", at=LONG_AGO),
    post(42, 42, "question", "Printers everywhere", "They jam."),
    post(43, 43, "question", "A painter is coming", "He brings a ladder."),
    post(44, 44, "question", "Content filtering at home", "We renew in July.", topics=("renewals",), author_id=7),
    # Phrases, words left out, synonyms, numbers.
    post(51, 51, "question", "Access points for a gym", "Which?", category_id=OPEN, product_ids=(4,)),
    post(52, 52, "question", "The points of access control", "How many doors?"),
    post(53, 53, "question", "Which student information system?", "We look at three."),
    post(54, 54, "question", "SIS vendors", "We look at two."),
    post(55, 55, "question", "Single sign-on for staff", "Passwords are a pain."),
    post(56, 56, "question", "Our 1:1 program", "One device a child."),
    post(57, 57, "question", "One to one devices in first grade", "Too early?"),
    post(58, 58, "question", "E-rate form 470 is due", "Not 471."),
    post(59, 59, "question", "Form 472 questions", "Reimbursement."),
    # Not for everybody.
    post(61, 61, "question", "Pistachio incident", "For staff only.", category_id=STAFF),
    post(62, 62, "question", "Pistachio prices", "No vendors here.", audiences=(MEMBERS,)),
    post(63, 63, "question", "Pistachio roadmap", "With one vendor.", audiences=(MEMBERS, vendor_audience(2))),
    post(64, 64, "question", "Pistachio shells", "For all."),
    # What is no post.
    thing("product", 4, "Aerohive access points", "Wireless for schools."),
    thing("member", 9, "Walnut Grove, Ann", "Network administrator", audiences=(MEMBERS,)),
]  # fmt: skip
