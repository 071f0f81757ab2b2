"""Shapes of the administration room: the steps of setting a site up, and the texts a new site starts from."""

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
        state = "No mail can be sent: set SMTP_URL, as in smtp://user:password@host:587."
    else:
        told = {None: "Nobody has sent a test mail.", True: "The last test mail was taken.", False: "The last failed."}
        state = told[facts.mail_works]
    return Step("mail", "Mail", settings.can_mail and facts.mail_works is True, state, "/admin/mail", "Test it")


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


TERMS = """These terms say how we treat each other on this site. It belongs to [the association's name and address].

## Who may take part

People who look after technology in school districts, and those they invite. You take part as yourself, under your own
name. Vendors say that they are vendors, and keep to the categories that are open to them.

## What you write

- What you write stays yours. You let us show it here to those who may read the category, and keep it while the site
  exists.
- Do not write what identifies a pupil, a parent or a family, nor passwords, keys or details of an open security hole
  where others than the security leads may read.
- Write about products what you know from your own work. Say so if you have an interest.
- Districts are public bodies: what you write here may have to be handed out under your state's public-records law.

## What we do

Moderators may move, close or hide what breaks these terms, and silence or suspend who keeps breaking them. You are
told why, and may ask an administrator to look at it again.

## What we do not promise

Answers here are given by colleagues in good faith. Check them before you rely on them. The site may be away at times.

## Changes

When these terms change, the new version stands here with its date.
"""
PRIVACY = """This page says what this site keeps about you, why, and for how long. Responsible: [name and contact].

## What we keep

- **Your account**: name, job, district, mail addresses, and what you add to your profile. Each field of your profile
  says who sees it.
- **What you do**: what you write, mark as helpful and follow, and how far you have read, so that the site can take you
  to what is new.
- **Sessions**: for each browser you are signed in with, what kind of browser it is and when you last used it.

## What we do not do

No advertising, no tracking, no pixels in mails, no fonts or scripts from elsewhere, and nothing is sold or handed on.

## Cookies

One that keeps you signed in, and others that remember your choices, such as the dark theme. None follows you anywhere.

## Who sees it

Members see your name, job and district beside what you write. Your mail address is seen by administrators only.
[Name who hosts the site and who sends its mails.]

## How long

Links to sign in: minutes. Requests to join and invitations: 90 days after they are decided. Your account and what you
wrote: until you delete them. Backups: [say how long].

## Your rights

You may see, correct, take with you and delete what we keep about you: begin at your settings, or write to [contact].
"""
STARTING_TEXTS = {"terms": TERMS, "privacy": PRIVACY}
