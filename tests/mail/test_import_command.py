"""`forum import-mail`, as an administrator runs it: what it says, and its exit code."""

import asyncio
import os
import signal
import sys

import pytest

from forum.kit.db import value
from tests.mail.letters import letter, mbox


@pytest.fixture
def started(db, database_url, tmp_path):
    """Starts the command on the test's database with these bytes as the archive."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # in the background it is ignored, also by what is started

    async def start(content, *, name="carts.mbox"):
        (tmp_path / name).write_bytes(content)
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "forum", "import-mail", str(tmp_path / name), "--category", "carts",
            env={"DATABASE_URL": database_url, "FORUM_VAR": str(tmp_path), "PATH": os.environ["PATH"]},
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip

    return start


async def test_the_report_says_who_may_claim_the_posts(started):
    command = await started(mbox(letter("a"), letter("b", sender="Bo Hill <bo@oak.example>")))

    said, _ = await command.communicate()

    assert command.returncode == 0
    assert "2 addresses of authors are known: whoever signs in with such an address" in said.decode()


async def test_a_file_that_is_no_archive_is_one_sentence_and_exit_code_1(db, started):
    command = await started(b"# A readme\n", name="README.md")

    said, complained = await command.communicate()

    assert (command.returncode, said) == (1, b"")
    assert complained.startswith(b"No email could be read, so nothing was changed (README.md: ")
    assert await value(db, "SELECT count(*) FROM category") == 0


async def test_after_ctrl_c_the_same_command_goes_on(db, started):
    archive = mbox(*(letter(str(number), subject=f"Subject {number}") for number in range(20_000)))
    command = await started(archive)
    async with asyncio.timeout(60):
        while not await value(db, "SELECT count(*) FROM mail_message"):
            await asyncio.sleep(0.05)

    command.send_signal(signal.SIGINT)
    _, complained = await command.communicate()

    assert (command.returncode, complained) == (130, b"Stopped; run the same command again to go on.\n")
    stored = await value(db, "SELECT count(*) FROM mail_message")
    assert 0 < stored < 20_000
    command = await started(mbox(*(letter(str(number), subject=f"Subject {number}") for number in range(stored + 1))))
    await command.communicate()
    assert await value(db, "SELECT count(*) FROM post") == stored + 1
