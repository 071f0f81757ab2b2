"""The command line, as the administrator of a real site uses it."""

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE
from dataclasses import dataclass

import pytest

from forum.kit.db import rows, run, value


@dataclass(frozen=True)
class Answer:
    code: int
    said: str
    complained: str


@pytest.fixture(scope="session")
async def forking():
    """The process that runs commands."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.forked", env={"PATH": os.environ["PATH"]}, stdin=PIPE, stdout=PIPE
    )
    yield process
    process.stdin.close()
    await process.wait()


@pytest.fixture
def forum(db, database_url, tmp_path, forking):
    """Runs `forum …` as a process of its own on the test's database."""

    async def run(*words, **settings) -> Answer:
        out, err = tmp_path / "out", tmp_path / "err"
        names = environment(database_url, tmp_path) | settings
        command = {"words": words, "env": names, "out": str(out), "err": str(err)}
        forking.stdin.write(f"{json.dumps(command)}\n".encode())
        code = int(await forking.stdout.readline())
        return Answer(code, out.read_text(), err.read_text())

    return run


@pytest.fixture
def afresh(db, database_url, tmp_path):
    """As `forum`, by a Python of its own that has imported nothing."""

    async def run(*words) -> Answer:
        names = environment(database_url, tmp_path)
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "forum", *words, env=names, stdout=PIPE, stderr=PIPE
        )
        said, complained = await process.communicate()
        return Answer(process.returncode, said.decode(), complained.decode())

    return run


def environment(database_url, var) -> dict[str, str]:
    return {"DATABASE_URL": database_url, "FORUM_VAR": str(var), "PATH": os.environ["PATH"]}


async def test_a_real_site_begins_with_an_administrator_a_category_and_a_district(db, afresh):
    made = [
        await afresh("admin", "create", "Ada Brown", "Ada@district.example"),
        await afresh("admin", "add-category", "help", "Help & how-to", "--read", "everyone"),
        await afresh("admin", "add-district", "Pine County", "--domain", "pine.example", "--enrolment", "4100"),
    ]

    assert [answer.code for answer in made] == [0, 0, 0]
    [member] = await rows(db, "SELECT m.role, e.address FROM member m JOIN member_email e ON e.member_id = m.id")
    assert (member["role"], member["address"]) == ("admin", "ada@district.example")
    assert await value(db, "SELECT read_by FROM category WHERE slug = 'help'") == "everyone"
    assert await value(db, "SELECT domain FROM district_domain") == "pine.example"


NOBODY = "Nobody here has the address nobody@district.example. Make the member first: forum admin create NAME ADDRESS\n"


async def test_a_category_is_made_with_all_its_rights(db, forum):
    await forum("admin", "create", "Ada Brown", "ada@district.example")
    made = [
        await forum("admin", "add-group", "west", "West region", "--member", "Ada@district.example"),
        await forum("admin", "add-category", "help", "Help"),
        await forum(
            *("admin", "add-category", "west-talk", "West", "--parent", "help", "--colour", "#112233"),
            *("--kind", "discussion", "--template", "Which school?", "--group", "west"),
            *("--read", "groups", "--reply", "groups", "--start", "staff"),
        ),
        await forum("admin", "add-moderator", "west-talk", "ada@district.example"),
    ]

    assert [(answer.code, answer.complained) for answer in made] == [(0, "")] * 4
    [west] = await rows(
        db,
        """
        SELECT u.slug, c.colour, c.default_kind, c.ask_template, c.read_by, c.reply_by, c.start_by
        FROM category c JOIN category u ON u.id = c.parent_id
        """,
    )
    assert tuple(west.values()) == ("help", "#112233", "discussion", "Which school?", "groups", "groups", "staff")
    assert await value(db, "SELECT array_agg(may ORDER BY may) FROM category_group") == ["read", "reply"]
    assert await value(db, "SELECT count(*) FROM group_member") == 1
    assert await value(db, "SELECT count(*) FROM category_moderator") == 1


@pytest.mark.parametrize(
    "url", ["postgresql://forum:secret@127.0.0.1:1/forum", "postgresql://forum@127.0.0.1:x/forum", "postgresql://["]
)
async def test_a_database_that_cannot_be_reached_is_one_sentence(forum, url):
    for words in (("migrate",), ("admin", "add-category", "help", "Help")):
        answer = await forum(*words, DATABASE_URL=url)

        assert answer.code == 1
        assert answer.complained.startswith("The database cannot be reached")
        assert answer.complained.count("\n") == 1
        assert "secret" not in answer.complained
    ill = await forum("doctor", DATABASE_URL=url)
    assert (ill.code, ill.complained) == (1, "")
    assert "Check DATABASE_URL" in ill.said


async def test_what_cannot_be_done_is_one_sentence_and_exit_code_1(forum):
    await forum("admin", "add-category", "help", "Help")
    refused = {
        ("admin", "add-category", "help", "Help"): "There is a category at /c/help already.\n",
        ("admin", "grant", "nobody@district.example"): NOBODY,
        ("admin", "add-moderator", "help", "nobody@district.example"): NOBODY,
        ("admin", "add-group", "west", "West", "--member", "nobody@district.example"): NOBODY,
        ("admin", "add-category", "room", "Room", "--read", "groups"): (
            "Say which groups: --group SLUG. They are made by: forum admin add-group SLUG NAME\n"
        ),
        ("admin", "add-category", "room", "Room", "--reply", "groups", "--group", "west"): (
            "There is no group called west.\n"
        ),
        ("admin", "add-category", "room", "Room", "--parent", "nowhere"): "There is no category at /c/nowhere.\n",
        ("admin", "add-district", "Pine", "--domain", "org"): ("org is no email domain: write it as district.org.\n"),
        ("admin", "create", "Ada", "no address"): "Write it as name@district.org.\n",
        ("admin", "grant", "a@b.example", "king"): "A role is admin, member or vendor.\n",
        (
            "import-mail",
            "nowhere.mbox",
            "--category",
            "list",
        ): "There is no nowhere.mbox. Check the path and try again.\n",
    }
    for words, sentence in refused.items():
        answer = await forum(*words)
        assert (answer.code, answer.complained) == (1, sentence)


async def test_districts_come_in_from_a_list_and_rows_that_will_not_do_are_named(db, forum, tmp_path):
    file = tmp_path / "districts.csv"
    file.write_text("district_name,2024,2025\nPine County,4100,\nOak County,1200,1250\nOak County,1,1\n,5,5\n")
    words = ("import-districts", str(file), "--state", "Maine", "--time-zone", "America/New_York")

    first, second = await forum(*words), await forum(*words)

    assert (first.code, first.said) == (1, "2 new districts, 0 that were there, 2 left out.\n")
    assert second.said == "0 new districts, 2 that were there, 2 left out.\n"
    assert (
        first.complained
        == second.complained
        == (
            "Line 4: “Oak County” stands on line 3 already.\n"
            "Line 5: A district's name is one line of 1 to 120 characters.\n"
        )
    )
    found = await rows(db, "SELECT name, state, enrolment, time_zone FROM district ORDER BY name")
    assert [tuple(row.values()) for row in found] == [
        ("Oak County", "Maine", 1250, "America/New_York"),
        ("Pine County", "Maine", 4100, "America/New_York"),
    ]


async def test_a_list_of_districts_that_is_none_is_one_sentence(db, forum, tmp_path):
    file = tmp_path / "districts.csv"
    file.write_text("county\nPine\n")
    good = tmp_path / "good.csv"
    good.write_text("name\nPine\n")
    for words, sentence in {
        (str(tmp_path / "none.csv"),): "There is no ",
        (str(file),): "The first line names the columns: name",
        (str(good), "--time-zone", "Maine"): "A time zone has a name as America/Chicago.\n",
    }.items():
        answer = await forum("import-districts", *words)
        assert (answer.code, answer.complained.count("\n")) == (1, 1)
        assert answer.complained.startswith(sentence)
    assert await value(db, "SELECT count(*) FROM district") == 0


async def test_a_bad_setting_is_named_with_what_it_should_be(forum):
    answer = await forum("doctor", FORUM_BASE_URL="forum.example")

    assert (answer.code, answer.complained) == (
        1,
        "FORUM_BASE_URL: write it as https://forum.example.org, without a path.\n",
    )


async def test_roles_are_granted_to_members(db, forum):
    for name in ("ada", "bo"):
        await forum("admin", "create", name, f"{name}@district.example")

    answers = [await forum("admin", "grant", f"{name}@district.example", "member") for name in ("ada", "bo")]

    assert [answer.code for answer in answers] == [0, 1]
    assert answers[1].complained == "This is the last administrator. Make somebody else one first.\n"
    assert await value(db, "SELECT array_agg(role ORDER BY id) FROM member") == ["member", "admin"]


async def test_the_keys_of_somebody_who_lost_them_are_reset(db, forum):
    await forum("admin", "create", "Ada", "ada@district.example")
    await run(db, "INSERT INTO code_secret (member_id, secret) SELECT id, 'ABCDEFGHIJKLMNOP' FROM member")

    answers = [await forum("admin", "reset-keys", f"{name}@district.example") for name in ("ada", "nobody")]

    assert [answer.code for answer in answers] == [0, 1]
    assert answers[1].complained == NOBODY
    assert await value(db, "SELECT count(*) FROM code_secret") == 0
    assert await value(db, "SELECT array_agg(act) FROM audit_entry WHERE actor_id IS NULL") == ["keys.reset"]


async def test_the_doctor_says_what_is_wrong_and_how_to_mend_it(forum):
    ill = await forum("doctor")
    await forum("admin", "create", "Ada Brown", "ada@district.example")
    well = await forum("doctor", FORUM_DEMO="1")

    assert ill.code == 1
    assert "run `forum admin create NAME ADDRESS`" in ill.said
    assert "set SMTP_URL" in ill.said
    assert well.code == 0
    assert "MEND" not in well.said


async def test_migrating_twice_says_so(forum):
    answer = await forum("migrate")

    assert (answer.code, answer.said) == (0, "The database is up to date.\n")


async def test_the_demo_is_loaded_into_an_empty_database_only(forum):
    await forum("admin", "create", "Ada Brown", "ada@district.example")

    assert (await forum("demo")).said == "There are members already: nothing was changed.\n"


async def test_help_names_every_verb(afresh):
    answer = await afresh("--help")

    for verb in ("serve", "worker", "migrate", "demo", "import-mail", "import-districts", "admin", "doctor"):
        assert verb in answer.said
