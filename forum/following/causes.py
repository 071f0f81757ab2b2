"""How a thread came to be followed by itself, in words."""

import re

# For a sentence after "because" or "since".
BY_ITSELF = {
    "asked": "you started this thread",
    "replied": "you replied in this thread",
    "mentioned": "you were mentioned in this thread",
    "coming": "you said you are coming to this event",
    "split": "this thread was split off from one you follow",
}
IN_QUESTIONS = {"asked": "you asked this question", "replied": "you answered in this thread"}
THIS = re.compile("this (thread|question|event)")


def why_followed(reason: str, thread_kind: str = "") -> str:
    """Why a thread is followed, by the reason in its row: "you answered in this thread", of a question."""
    words = IN_QUESTIONS.get(reason) if thread_kind == "question" else None
    return words or BY_ITSELF.get(reason, "you follow this thread")


def briefly(words: str) -> str:
    """The same where the thread was just named: "you answered in it"."""
    return THIS.sub("it", words)
