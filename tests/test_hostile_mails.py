"""Whatever people call themselves and what they write about, mails go to one reader, with no link but the forum's."""

import re
from dataclasses import replace
from email import message_from_bytes
from email.policy import default

import pytest

from forum.accounts.commands import ask_to_merge, merge
from forum.accounts.types import MergeDraft
from forum.districts.commands import add_district
from forum.identities import addresses, codes, confirm
from forum.kit.db import run, value
from forum.kit.mailer import SmtpMailer
from forum.members import joining, roles, sanctions, sign_in
from forum.members.mail_words import named
from forum.members.returning import deactivate
from forum.members.types import JoinDraft
from forum.moderation import flags, queue
from forum.moderation.jobs import release_letters
from forum.moderation.types import FlagDraft
from forum.wiring import HOLDINGS, REACTIONS
from tests.factories import a_category, a_member, a_reply, a_thread
from tests.identities.keys import signed_in
from tests.moderation.scenes import KINDS, NO, an_admin, item_id

NAMES = [
    "Win a prize at http://evil.example/x",
    "www.evil.example",
    "Ann <b>bold</b> & evil.example",
    "mailto:eve@evil.example",
    "Eve。example evil．example",
    "=?utf-8?q?Bcc:_eve=40evil.example?=",
]
# What mail programs make links of in plain text.
LINK = re.compile(r"\w+://\S+|www\.\S+|mailto:\S+|\S+@\S+\.\w+|\b[\w-]+[.\u3002\uff0e](?:example|com|org)\b")


async def everything_that_is_mailed(db, drain, tools, hostile: str) -> list:
    """Have each kind of mail sent, about people, districts and categories of that name."""
    name = hostile[:120]
    admin = replace(await signed_in(db, await an_admin(db)), has_second_factor=True)
    await run(db, "UPDATE member SET name = :name WHERE id = :id", name=name, id=admin.id)
    eve = await signed_in(db, await a_member(db, name=name, address="eve@district.example"))
    other = await a_member(db, name=name, address="other@district.example")
    third = await a_member(db, name=name, address="third@district.example")
    await add_district(db, name, domains=["approved.example"])
    category = await a_category(db, name=name[:60])
    category_id = await value(db, "SELECT id FROM category WHERE slug = :slug", slug=category)
    post = await a_reply(db, await a_thread(db, category=category, title=f"About {name}"), author=other)
    await joining.invite(db, admin, "invited@elsewhere.example", None)
    for address in ("other@district.example", "new@approved.example", "nobody@elsewhere.example"):
        await sign_in.request_link(db, address)
    await joining.ask_to_join(db, JoinDraft(name, name, "asker@elsewhere.example"))
    request_id = await value(db, "SELECT max(id) FROM join_request")
    await drain()
    await joining.decide(db, admin, request_id, is_approved=False, reason="Not just now.")
    await addresses.ask(db, eve, "more@district.example")
    await confirm.request_link(db, eve, "/")
    await ask_to_merge(db, eve, "other@district.example")
    await codes.begin(db, eve)
    await confirm.reset_second_factors(db, admin, other.id)
    await sanctions.silence(db, admin, other.id, category_id=category_id, days=1, reason="Too loud.")
    await sanctions.unsilence(db, admin, other.id, category_id=category_id)
    await sanctions.silence(db, admin, other.id, category_id=category_id, days=1, reason="Too loud.")
    await roles.change_role(db, admin, other.id, "vendor")
    await flags.flag(db, eve, post, FlagDraft("rude", name))
    link = await sign_in.issue_link(db, "address", "second@district.example", member_id=eve.id, hours=1)
    await addresses.confirm(db, eve, link)
    await drain()
    await queue.decide(db, admin, KINDS, await item_id(db, "flag"), "reject", NO)
    await run(db, "UPDATE queue_item SET decided_at = now() - interval '1 hour'")
    await release_letters(tools)
    await sanctions.suspend(db, admin, third.id, days=1, reason="Spam.")
    await drain()
    await sign_in.request_link(db, "third@district.example")
    await drain()
    await sanctions.unsuspend(db, admin, third.id)
    await deactivate(db, third)
    await sign_in.request_link(db, "third@district.example")
    await run(db, "UPDATE member SET role = 'member'  WHERE id = :id", id=other.id)
    await merge(db, admin, MergeDraft(other.handle, eve.handle, "One person"), HOLDINGS)
    await drain()
    return tools.mailer.sent


@pytest.mark.parametrize("hostile", NAMES)
async def test_no_name_becomes_a_link_a_header_or_another_reader(db, drain, tools, hostile):
    mails = await everything_that_is_mailed(db, drain, tools, hostile)

    assert len({mail.subject for mail in mails}) >= 14
    for mail in mails:
        words = f"{mail.subject}\n{mail.text}"
        assert [link for link in LINK.findall(words) if not link.startswith("http://forum.example/")] == []
        raw = SmtpMailer(tools.settings)._message(mail, hostile[:60]).as_bytes()
        read = message_from_bytes(raw, policy=default)
        assert {name.lower() for name in read} == HEADERS
        assert read.get_content_type() == "text/plain"
        assert [each.addr_spec for each in read["to"].addresses] == [mail.to]


HEADERS = {
    "from",
    "to",
    "subject",
    "date",
    "message-id",
    "auto-submitted",
    "content-type",
    "content-transfer-encoding",
    "mime-version",
}


async def test_every_reaction_that_mails_was_asked_to(db, drain, tools):
    """The list above holds each job that mails: a new one stands here, and is added there."""
    mailing = {job.__name__ for jobs in REACTIONS.values() for job in jobs if job.__name__.startswith("mail_")}

    assert mailing == {
        "mail_sign_in_link",
        "mail_invitation",
        "mail_receipt",
        "mail_decision",
        "mail_silence",
        "mail_end_of_silence",
        "mail_suspension",
        "mail_end_of_suspension",
        "mail_role",
        "mail_confirmation_link",
        "mail_key_change",
        "mail_address_link",
        "mail_notice",
        "mail_merge_link",
        "mail_merged",
        "mail_letter",
    }


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Ada Park", "Ada Park"),
        ("J.R. Ray", "J. R. Ray"),
        ("Dr. Bo O'Neil-Lee, PhD.", "Dr. Bo O'Neil-Lee, PhD."),
        ("A/V Team", "A/V Team"),
        ("http://evil.example", "http: //evil. example"),
        ("ann@evil.example", "ann@ evil. example"),
        ("a.b.c", "a. b. c"),
    ],
)
def test_a_name_in_a_mail_has_no_link_and_ordinary_names_stay(name, shown):
    assert named(name) == shown
