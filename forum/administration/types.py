"""Shapes of the administration room: the ways to sign in, and the steps of setting a site up."""

from dataclasses import dataclass, replace

from forum.kit.settings import Settings, is_loopback
from forum.site.types import Setting, Site


@dataclass(frozen=True)
class Facts:
    """What the database knows of how far a site is set up. mail_works: of the last test mail, None before any."""

    mail_works: bool | None
    categories: int
    admins: int
    admins_without_key: int
    others: int
    invited: int


@dataclass(frozen=True)
class Way:
    """A way to sign in. setting: the variable that would set it up, "" when it is or needs none."""

    key: str
    name: str
    is_set_up: bool
    setting: str
    is_provider: bool = False
    is_on: bool = True

    @property
    def is_used(self) -> bool:
        return self.is_set_up and self.is_on

    def switched(self, *, is_on: bool) -> "Way":
        return replace(self, is_on=is_on)


@dataclass(frozen=True)
class Step:
    """A step of setting the site up: what is so now, and where to go on; `key` names it for the template."""

    key: str
    name: str
    is_done: bool
    state: str
    href: str = ""
    label: str = ""


def steps(settings: Settings, site: Site, setting: Setting, facts: Facts, ways: tuple[str, ...]) -> tuple[Step, ...]:
    """Every step, in the order to take them. ways: the names of the ways to sign in that work."""
    return (
        _address(settings),
        _mail(settings, facts),
        _second_factor(facts),
        Step(
            "categories",
            "A first category",
            facts.categories > 0,
            f"{_counted(facts.categories, 'category', 'categories')} can be read."
            if facts.categories
            else "There is none: nobody can write anything yet.",
            "/admin/categories",
            "See the categories",
        ),
        Step(
            "sign-in",
            "Ways to sign in",
            bool(ways),
            f"People sign in by {', '.join(ways)}." if ways else "Nobody can sign in.",
            "/admin/sign-in",
            "See the ways to sign in",
        ),
        _words(site),
        _look(setting),
        Step(
            "backups",
            "Backups",
            bool(setting.backup_note),
            "It is written down where they are." if setting.backup_note else "Nobody has said where they are.",
        ),
        Step(
            "members",
            "First members",
            facts.others > 0 or facts.invited > 0,
            f"{_counted(facts.others, 'member')} beside administrators, {facts.invited} invited.",
            "/people/requests",
            "Invite somebody",
        ),
    )


def _address(settings: Settings) -> Step:
    if is_loopback(settings.site_host):
        state = f"{settings.site_url} works on this machine only. Set FORUM_BASE_URL, as in https://forum.example.org."
    elif not settings.is_https:
        state = f"{settings.site_url} is not encrypted. Serve it as https:// and set FORUM_BASE_URL."
    else:
        state = f"{settings.site_url}, encrypted."
    return Step("address", "A public address", settings.is_https, state)


def _mail(settings: Settings, facts: Facts) -> Step:
    if not settings.can_mail:
        state = "No email can be sent yet: set SMTP_URL, as in smtp://user:password@host:587."
    else:
        told = {
            None: "Nobody has sent a test email.",
            True: "The last test email was accepted.",
            False: "The last failed.",
        }
        state = told[facts.mail_works]
    return Step("mail", "Email", settings.can_mail and facts.mail_works is True, state, "/admin/mail", "Test it")


def _second_factor(facts: Facts) -> Step:
    missing = facts.admins_without_key
    state = "Every administrator has a passkey or one-time codes."
    if missing:
        state = f"{_counted(missing, 'administrator')} without a passkey or one-time codes."
    return Step("second-factor", "Second factors", not missing, state, "/settings/security", "Set yours up")


def _words(site: Site) -> Step:
    published = [slug for slug, _ in site.pages]
    words = {"terms": "the terms of use", "privacy": "the page about privacy"}
    missing = [word for slug, word in words.items() if slug not in published]
    state = f"Not published: {' and '.join(missing)}." if missing else "Both are published."
    return Step("words", "Terms and privacy", not missing, state, "/admin/pages", "Write them")


def _look(setting: Setting) -> Step:
    missing = [word for word, is_set in (("a name", setting.name), ("a logo", setting.logo_hash)) if not is_set]
    state = f"Not set: {' and '.join(missing)}." if missing else "The site has its own name and logo."
    return Step("look", "Name and logo", not missing, state, "/admin/look", "Name it")


def _counted(count: int, word: str, words: str = "") -> str:
    return f"{count} {word if count == 1 else words or word + 's'}"
