"""Who sees and may do what with threads, said once more and apart from the forum, to compare it with."""

from dataclasses import dataclass, field

CATEGORIES = {  # read, reply and start; vendors
    "open": ("everyone", "members", "members", True),
    "circle": ("groups", "groups", "groups", False),
    "staff": ("staff", "staff", "staff", False),
}

PRODUCT = "Glowlamp"  # of the vendor in whose name the only one speaks


@dataclass
class Person:
    role: str
    moderates: frozenset = frozenset()
    in_circle: bool = False

    def is_staff(self, category):
        return self.role == "admin" or category in self.moderates

    def allowed(self, category, right):
        by, lets_vendors_in = CATEGORIES[category][right], CATEGORIES[category][3]
        if self.is_staff(category) or (by == "everyone" and self.role != "vendor"):
            return True
        if self.role == "guest" or (self.role == "vendor" and not (lets_vendors_in and by in ("everyone", "members"))):
            return False
        return by in ("everyone", "members") or (by == "groups" and self.in_circle)

    def reads(self, category):
        return self.allowed(category, 0)


@dataclass
class Post:
    author: str
    deleted_by: str = ""
    was_accepted: bool = False


@dataclass
class Thread:
    category: str
    author: str
    title: str
    posts: list
    deleted_by: str = ""
    merged: bool = False
    locked: bool = False
    duplicate_of: int = 0
    accepted: int = 0
    keeps_vendors_out: bool = False

    @property
    def names_product(self):
        return PRODUCT in self.title


@dataclass
class World:
    people: dict
    threads: dict = field(default_factory=dict)
    posts: dict = field(default_factory=dict)

    def staff(self, who, thread):
        return self.people[who].is_staff(self.threads[thread].category)

    def sees(self, who, thread):
        t = self.threads[thread]
        if t.merged or not self.people[who].reads(t.category):
            return False
        if t.keeps_vendors_out and self.people[who].role in ("guest", "vendor"):
            return False
        return not t.deleted_by or who == t.author or self.staff(who, thread)

    def sees_post(self, who, post):
        thread, p = self.thread_of(post), self.posts[post]
        return self.sees(who, thread) and (not p.deleted_by or who == p.author or self.staff(who, thread))

    def thread_of(self, post):
        return next(number for number, thread in self.threads.items() if post in thread.posts)

    def shown(self, who):
        """What a person can load: for each thread its title, its answer and its posts in order."""
        return {
            number: (t.title, t.accepted, [post for post in t.posts if self.sees_post(who, post)])
            for number, t in self.threads.items()
            if self.sees(who, number)
        }

    def listed(self, who):
        return {number for number in self.shown(who) if not self.threads[number].deleted_by}

    def moderates(self, who, thread):
        return self.sees(who, thread) and self.staff(who, thread) and not self.threads[thread].deleted_by

    def starts(self, who, category):
        person = self.people[who]
        return person.role not in ("guest", "vendor") and person.reads(category) and person.allowed(category, 2)

    def replies(self, who, thread):
        t, person = self.threads[thread], self.people[who]
        is_asked = person.role != "vendor" or t.names_product
        return self.writes(who, thread) and person.allowed(t.category, 1) and is_asked

    def writes(self, who, thread):
        """Whether a person changes what is theirs there, or all as staff."""
        t = self.threads[thread]
        is_there = self.sees(who, thread) and not t.deleted_by and who != "guest"
        return is_there and (not t.locked or self.staff(who, thread))
