"""What no line of the forum does: guessable secrets, secrets compared by ==, shells, unpacking (rows 40, 46, 49)."""

import ast
import re
from collections.abc import Iterator

import pytest

from tests.test_architecture import CODE, place, tree

SECRET = re.compile(r"(?:^|_)(?:token|secret|seal|signature|digest|nonce|otp|verifier|password)$")
BANNED_MODULES = {"random", "pickle", "marshal", "shelve", "tarfile", "xml", "yaml", "telnetlib", "ftplib"}
BANNED_CALLS = {
    "eval",
    "exec",
    "uuid.uuid1",
    "uuid1",
    "os.system",
    "os.popen",
    "shutil.unpack_archive",
    "asyncio.create_subprocess_shell",
    "tempfile.mktemp",
}
BANNED_METHODS = {"extractall"}


def faults(code: ast.Module) -> Iterator[str]:
    """Each thing in `code` that is not done, as the words for it."""
    for node in ast.walk(code):
        if isinstance(node, ast.Compare) and any(isinstance(each, ast.Eq | ast.NotEq) for each in node.ops):
            if any(SECRET.search(name_of(side)) for side in (node.left, *node.comparators)):
                yield f"compare with hmac.compare_digest, or as a hash in SQL: {ast.unparse(node)}"
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [each.name for each in node.names]
            yield from (f"import {name}" for name in names if name.partition(".")[0] in BANNED_MODULES)
        elif isinstance(node, ast.Call):
            yield from faults_of_call(node)


def faults_of_call(call: ast.Call) -> Iterator[str]:
    called = ast.unparse(call.func)
    if called in BANNED_CALLS or name_of(call.func) in BANNED_METHODS:
        yield called
    if any(word.arg == "shell" for word in call.keywords):
        yield f"{called}(shell=…)"


def name_of(node: ast.expr) -> str:
    """The last name of an expression: "token" of `link.token`, `form["token"]` and `form.get("token")`."""
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        return str(node.slice.value)
    if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
        return str(node.args[0].value)
    return node.id if isinstance(node, ast.Name) else ""


def test_no_line_of_the_forum_is_banned():
    found = [
        f"{place(path)}: {fault}"
        for path in CODE
        for fault in faults(tree(path))
        if not (path.parts[-2] == "demo" and fault == "import random")  # it wants the same dice each time
    ]

    assert found == []


@pytest.mark.parametrize(
    "line",
    [
        "token == other",
        "link.token != sent",
        'form["secret"] == settings.client_secret',
        'form.get("signature") == mine',
        "import random",
        "from random import choice",
        "import xml.etree.ElementTree",
        "uuid.uuid1()",
        "os.system('ls')",
        "subprocess.run('ls', shell=True)",
        "archive.extractall(folder)",
        "eval(words)",
    ],
)
def test_what_is_banned_is_found(line):
    assert list(faults(ast.parse(line)))


@pytest.mark.parametrize(
    "line",
    ["hmac.compare_digest(token, other)", "tokens == 3", "secrets.token_urlsafe(16)", "path == '/'", "import zipfile"],
)
def test_what_is_not_banned_is_not_found(line):
    assert not list(faults(ast.parse(line)))
