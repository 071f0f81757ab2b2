"""sqlmap against routes with parameters of every kind: nothing typed anywhere becomes part of a statement."""

import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from tests.attack.fuzz import Outcome
from tests.attack.target import Headers, Target

PROGRAM = (Path(sys.executable).parent / "sqlmap",)
CLEAN = "all tested parameters do not appear to be injectable"
FOUND = re.compile(r"sqlmap identified the following injection point|is vulnerable")
AT_ONCE = 4
MARK = "*"  # where sqlmap puts its words


@dataclass(frozen=True)
class Aim:
    """One route. A `*` in path or cookie is attacked, as are all fields of the form; `role` sends it."""

    role: str
    path: str
    form: tuple[tuple[str, str], ...] = ()
    cookie: str = ""


def form(**fields: str) -> tuple[tuple[str, str], ...]:
    return tuple(fields.items())


AIMS = (
    Aim("guest", "/search?q=phones*"),
    Aim("guest", "/top?period=all*&from=1:1*"),
    Aim("guest", "/unanswered?from=1*"),
    Aim("guest", "/c/help*"),
    Aim("guest", "/c/help/top*?from=1*"),
    Aim("guest", "/topics/renewals*"),
    Aim("guest", "/t/1*"),
    Aim("guest", "/t/1/x?after=0*&order=helpful*&notice=a*"),
    Aim("guest", "/p/1*"),
    Aim("guest", "/sign-in?next=/x*"),
    Aim("guest", "/sign-in", form(address="ann@pine.example", next="/")),
    Aim("guest", "/sign-in/xxxxxxxxxxxxxxxxxxxxxx*"),
    Aim("guest", "/sign-in/with/google*/back?state=x*&code=y*"),
    Aim("guest", "/join", form(name="Ann", title="T", address="ann@elsewhere.example", district_id="1", note="N")),
    Aim("guest", "/", cookie="session=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx*"),
    Aim("guest", "/t/1/x", cookie="order=helpful*; theme=dark*"),
    Aim("guest", "/help/keyboard*"),
    Aim("guest", "/mail/u/1-stop-thread-1-1790000000-xxxxxxxxxxxxxxxxxxxxxx*"),
    Aim("guest", "/mail/take-back", form(deed="x.x")),
    Aim("member", "/unread?period=all*&from=1*"),
    Aim("member", "/ask/similar?title=phones*"),
    Aim("member", "/people?q=ann*&district=1*&role=member*&after=1*"),
    Aim("member", "/people/omar.haddad*"),
    Aim("member", "/ask", form(category="help", kind="question", title="Ten long words", body="Words", topics="a",
                               client_key="k")),
    Aim("member", "/t/1/x", form(body="A reply", client_key="k", seen_answer="1")),
    Aim("member", "/preview", form(body="Words", title="A title")),
    Aim("member", "/drafts", form(draft_key="ask", title="A title", body="Words")),
    Aim("member", "/p/1/helpful", form(helpful="yes")),
    Aim("member", "/p/1/flag", form(reason="other", note="Look")),
    Aim("member", "/settings", form(name="Maya Okafor", title="Chief", about="Words")),
    Aim("member", "/notifications?from=1*"),
    Aim("member", "/notifications/done", form(until="1")),
    Aim("administrator", "/moderation?kind=flag*&category=help*&after=1*"),
    Aim("administrator", "/moderation/log?by=ann*&act=lock*&kind=x*&from=1*"),
    Aim("administrator", "/moderation/members/maya.okafor", form(body="Noted", category_id="1")),
    Aim("administrator", "/moderation/words", form(words="bad", act="block", sentence="No", path="/t/1", category="1")),
    Aim("administrator", "/moderation/health?category=help*"),
    Aim("administrator", "/admin/categories/view-as?role=member*&handle=maya.okafor*"),
    Aim("administrator", "/admin/domains", form(act="add", kind="blocked", domain="bad.example", district_id="1")),
    Aim("administrator", "/admin/mail/suppressions", form(address="ann@pine.example")),
    Aim("administrator", "/people/invitations", form(address="new@pine.example", district_id="1")),
    Aim("administrator", "/topics/merge", form(slug="renewals", into="backups")),
    Aim("administrator", "/threads/1/move", form(category="help")),
)  # fmt: skip


def inject(target: Target, folder: Path, seconds: int) -> Iterator[Outcome]:
    """Each aim, a few at a time; what does not come to its end in `seconds` is a problem, not a pass."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        each = seconds * AT_ONCE // 8
        yield from pool.map(
            lambda aim: _at(target.url, folder / f"sqlmap-{AIMS.index(aim)}", aim, target.headers(aim.role), each), AIMS
        )


def _at(url: str, folder: Path, aim: Aim, headers: Headers, seconds: int) -> Outcome:
    traffic = folder.with_suffix(".traffic")
    method = ("--data", urlencode([(name, text + MARK) for name, text in aim.form], safe=MARK)) if aim.form else ()
    cookie = "; ".join(filter(None, (aim.cookie, headers.cookie)))
    done = subprocess.run(
        [*PROGRAM, "-u", url + aim.path, *method, "--cookie", cookie, "-H", f"X-Form-Token: {headers.token}",
         "--batch", "--level", "1", "--risk", "1", "--dbms", "PostgreSQL", "--ignore-redirects", "--skip-waf",
         "--ignore-code", "*", "--drop-set-cookie", "--flush-session", "--disable-coloring", "--parse-errors",
         "--output-dir", folder, "--time-limit", str(seconds), "-t", traffic],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=seconds + 60,
    )  # fmt: skip
    folder.with_suffix(".txt").write_text(done.stdout + done.stderr)
    name = f"sqlmap as {aim.role} {'POST' if aim.form else 'GET'} {aim.path}{' ' * bool(aim.cookie)}{aim.cookie}"
    requests = traffic.read_text(errors="replace").count("HTTP request [#") if traffic.exists() else 0
    is_clean = CLEAN in done.stdout and not FOUND.search(done.stdout)
    return Outcome(name, requests, "" if is_clean else (done.stdout + done.stderr)[-2000:])
