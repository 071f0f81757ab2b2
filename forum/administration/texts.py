"""The texts a new site starts its terms and its page about privacy from: drafts, to be filled in."""

import re

TERMS = """These terms say how we treat each other on this site. It belongs to [the association's name and address].

## Who may take part

People who look after technology in school districts, and those they invite. You take part as yourself, under your own
name. Vendors say that they are vendors, and keep to the categories that are open to them.

## What you write

- What you write stays yours. You let us show it here to those who may read the category, and keep it while the site
  exists.
- Do not write what identifies a student, a parent or a family, nor passwords, keys or details of an open security hole
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

- **Your account**: name, job, district, email addresses, and what you add to your profile. Each field of your profile
  says who sees it.
- **What you do**: what you write, mark as helpful and follow, and how far you have read, so that the site can take you
  to what is new.
- **Sessions**: for each browser you are signed in with, what kind of browser it is and when you last used it.

## What we do not do

No advertising, no tracking, no pixels in emails, no fonts or scripts from elsewhere, and nothing is sold or handed on.

## Cookies

One that keeps you signed in, and others that remember your choices, such as the dark theme. None follows you anywhere.

## Who sees it

Members see your name, job and district beside what you write. Your email address is seen by administrators only.
[Name who hosts the site and who sends its emails.]

## How long

Links to sign in: minutes. Requests to join and invitations: 90 days after they are decided. Your account and what you
wrote: until you delete them. Backups: [say how long].

## Your rights

You may see, correct, take with you and delete what we keep about you: begin at your settings, or write to [contact].
"""


def _unwrapped(text: str) -> str:
    """`text` with each paragraph and each point of a list on one line: a line's end is a line's end on the page."""
    return re.sub(r"(?<!\n)\n *(?!\n|- |$)", " ", text)


STARTING_TEXTS = {"terms": _unwrapped(TERMS), "privacy": _unwrapped(PRIVACY)}
