"""Every kind of archive is recognised by what it holds, and split where its messages are."""

import gzip
import io
import lzma
import tracemalloc

import pytest

from forum.mail.archive import splitting
from forum.mail.archive.formats import NOT_MAIL, UNREADABLE, read_archives
from forum.mail.archive.mbox import read_mbox
from forum.mail.archive.message import parse
from forum.mail.archive.types import Problem
from tests.mail.letters import json_lines, letter, mbox, notebook

TWO = (letter("a"), letter("b", body="Ours came from the county."))


def read(path):
    return list(read_archives([path]))


def bodies(path):
    return [parse(each).source for each in read(path)]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("list.mbox", mbox(*TWO)),
        ("list.mbox.gz", gzip.compress(mbox(*TWO))),
        ("list.mbox.xz", lzma.compress(mbox(*TWO))),
        ("windows.mbox", mbox(*TWO).replace(b"\n", b"\r\n")),
        ("LOG1603A", notebook(*TWO)),
        ("list.jsonl.xz", lzma.compress(json_lines("Which carts do you use?", "Ours came from the county."))),
    ],
)
def test_a_file_is_read_by_its_content_not_its_name(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)

    assert bodies(tmp_path / name) == ["Which carts do you use?", "Ours came from the county."]
    assert [each.number for each in read(tmp_path / name)] == [1, 2]


def test_a_maildir_and_a_folder_of_single_mails_are_read_in_order_of_names(tmp_path):
    for folder in ("list/cur", "list/new", "list/tmp", "mails"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "list/cur/1:2,S").write_bytes(TWO[0])
    (tmp_path / "list/new/2").write_bytes(TWO[1])
    (tmp_path / "list/tmp/3").write_bytes(letter("half", body="Half written"))
    (tmp_path / "mails/b.eml").write_bytes(TWO[1])
    (tmp_path / "mails/a.eml").write_bytes(TWO[0])

    assert (
        bodies(tmp_path / "list")
        == bodies(tmp_path / "mails")
        == ["Which carts do you use?", "Ours came from the county."]
    )


def test_a_sentence_that_begins_with_from_is_no_new_mail(tmp_path):
    body = "It works.\n\nFrom here on, use the county's cart.\nFrom: me\n\nFrom what I hear Mon Mar 7 is a holiday."
    (tmp_path / "m").write_bytes(mbox(letter(body=body)))

    assert bodies(tmp_path / "m") == [body.replace("\n\n\n", "\n\n")]


def test_a_mail_behind_a_forgotten_blank_line_is_not_lost(tmp_path):
    glued = mbox(letter("a", body="URL: <http://lists.example/attachment.bin>"), letter("b")).replace(
        b"bin>\n\n", b"bin>\n"
    )
    (tmp_path / "m").write_bytes(glued)

    first, second = read(tmp_path / "m")

    assert (first.follows_blank, second.follows_blank) == (True, False)
    assert parse(second).message_id == "b@pine.example"


def test_a_quoted_separator_without_a_whole_header_is_text(tmp_path):
    body = "look at this:\nFrom bob@oak.example Mon Mar  7 09:00:00 2016\nSubject: no author, no date, no id"
    (tmp_path / "m").write_bytes(mbox(letter(body=body)))

    assert len(read(tmp_path / "m")) == 1


def test_the_quoting_of_public_inbox_is_undone():
    raw = b"From mboxrd@z Thu Jan  1 00:00:00 1970\nSubject: x\n\n>From here\n>>From there\n"

    assert next(read_mbox(io.BytesIO(raw), "f")).raw == b"Subject: x\n\nFrom here\n>From there\n"


def test_a_row_of_equals_signs_in_a_mail_is_no_separator(tmp_path):
    (tmp_path / "LOG").write_bytes(notebook(letter(body="=" * 73 + "\nTotals: 4\n" + "=" * 74)))

    assert len(read(tmp_path / "LOG")) == 1


@pytest.mark.parametrize("size", [1, 7, 64, 4096])
def test_messages_are_found_wherever_the_pieces_of_a_stream_end(monkeypatch, size):
    monkeypatch.setattr(splitting, "CHUNK", size)
    letters = [letter(str(number), body="From me\n" * number) for number in range(20)]

    found = list(read_mbox(io.BytesIO(mbox(*letters)), "f"))

    assert [each.raw.strip() for each in found] == [each.strip() for each in letters]


def test_a_mail_too_large_to_hold_is_cut_and_said_to_be(monkeypatch):
    monkeypatch.setattr(splitting, "CHUNK", 1000)
    monkeypatch.setattr(splitting, "MAX_MESSAGE", 5000)
    monkeypatch.setattr(splitting, "LOOKAHEAD", 500)
    found = list(read_mbox(io.BytesIO(mbox(letter("a"), letter("big", body="x\n" * 50_000), letter("c"))), "f"))

    assert [each.is_cut for each in found] == [False, True, False]
    assert all(len(each.raw) < 10_000 for each in found)
    assert "larger than 32 MB" in parse(found[1]).problems[0].kind


def test_memory_does_not_grow_with_the_file():
    one = mbox(*(letter(str(number), body="wheels\n" * 1000) for number in range(30)))

    class Endless(io.RawIOBase):
        left = 100_000_000 // len(one)

        def read(self, size=-1):
            self.left -= 1
            return one if self.left >= 0 else b""

    tracemalloc.start()
    count = sum(1 for _ in read_mbox(Endless(), "f"))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert count == 30 * (100_000_000 // len(one))
    assert peak < 5_000_000


def test_files_that_hold_no_mail_or_end_early_are_reported_and_the_rest_is_read(tmp_path):
    (tmp_path / "README").write_text("About this archive\n")
    (tmp_path / "cut.gz").write_bytes(gzip.compress(mbox(*TWO * 50))[:-30])
    (tmp_path / "good.mbox").write_bytes(mbox(*TWO))
    (tmp_path / "empty.mbox").write_bytes(b"")

    found = read(tmp_path)

    assert {each.kind for each in found if isinstance(each, Problem)} == {NOT_MAIL, UNREADABLE}
    assert sum(each.file == "good.mbox" for each in found) == 2
    assert read(tmp_path / "missing")[0].kind == UNREADABLE


def test_a_broken_line_of_json_costs_only_itself(tmp_path):
    lines = json_lines("One", "Two").splitlines()
    (tmp_path / "l.jsonl").write_bytes(b"\n".join([lines[0], b'{"broken', b"[1]", lines[1]]))

    mails = [parse(each) for each in read(tmp_path / "l.jsonl")]

    assert [each.number for each in mails if isinstance(each, Problem)] == [2, 3]
    assert [each.source for each in mails if not isinstance(each, Problem)] == ["One", "Two"]
    assert mails[0].author.key == "hash:7a54"
    assert mails[0].author.address == ""
