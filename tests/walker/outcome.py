"""What an answer says about a door: it is open, or refused."""

import httpx


def is_refused(answer: httpx.Response) -> bool:
    """Missing, refused with a reason, or the way to signing in."""
    return answer.status_code in (401, 403, 404) or leads_to_sign_in(answer)


def is_open(answer: httpx.Response) -> bool:
    """Answered, or a word about the fields, the pace, or what changed meanwhile."""
    return not is_refused(answer) and (answer.status_code < 400 or answer.status_code in (409, 422, 429))


def is_there(answer: httpx.Response) -> bool:
    """Open, or refused with a reason that who asks may know."""
    return is_open(answer) or answer.status_code == 403


def leads_to_sign_in(answer: httpx.Response) -> bool:
    return answer.status_code == 303 and answer.headers["location"].startswith("/sign-in?")
