"""Who may look after mails, with the sentence of refusal."""

import pytest

from forum.mail.policy import may_run_mail
from forum.members.types import GUEST, Actor


def test_administrators_look_after_mails():
    assert may_run_mail(Actor(1, role="admin"))


@pytest.mark.parametrize("actor", [GUEST, Actor(1, role="member"), Actor(1, role="vendor"), Actor(1, moderates={1})])
def test_nobody_else_does(actor):
    assert may_run_mail(actor).reason == "Only administrators look after email."
