"""Random acts of random people: whatever happened, each sees exactly what the model says, and counts are right."""

import asyncio
from copy import deepcopy

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from forum.kit.db import connect, run, value
from forum.kit.errors import Forbidden, Invalid, NotFound
from forum.kit.settings import Settings
from forum.kit.tools import Tools
from forum.members import queries as members
from forum.members.types import GUEST
from forum.moderation.undo import undo
from forum.search.checking import compare
from forum.search.finding import find
from forum.search.indexing import index_changes
from forum.search.parsing import parse
from forum.threads import commands, delete, queries, state
from forum.threads.accept import accept, unaccept
from forum.threads.edit import edit
from forum.threads.lists import Selection, threads
from forum.threads.merge import merge
from forum.threads.move import move
from forum.threads.split import split
from forum.threads.staff_types import SplitDraft
from forum.threads.types import EditDraft, ReplyDraft, ThreadDraft
from forum.votes.commands import vote
from tests.conftest import empty
from tests.factories import a_category, a_group, a_member
from tests.fakes import FakeMailer
from tests.products.catalogue import a_product
from tests.threads.model import CATEGORIES, PRODUCT, Person, Post, Thread, World
from tests.threads.recount import assert_counts_are_right

PEOPLE = {
    "guest": Person("guest"),
    "ann": Person("member", in_circle=True),
    "ben": Person("member"),
    "vic": Person("vendor"),
    "omar": Person("member", frozenset({"open"})),
    "mia": Person("member", frozenset({"circle", "staff"})),
    "ada": Person("admin"),
}
WHO, WHERE, WHICH = (
    st.sampled_from([*PEOPLE, "ada", "ada", "omar", "mia"]),
    st.sampled_from(sorted(CATEGORIES)),
    st.integers(0, 30),
)
REFUSALS = (NotFound, Forbidden, Invalid)


class Forum(RuleBasedStateMachine):
    """The forum and its model, side by side."""

    def __init__(self, url):
        super().__init__()
        self.runner, self.url, self.n = asyncio.Runner(), url, 0
        self.world = World(deepcopy(PEOPLE))
        self.undoable = None

    @initialize()
    def begin(self):
        self.runner.run(self._begin())

    async def _begin(self):
        self.db = connect(self.url)
        await self.db.connect()
        self.circle = await a_group(self.db, "circle")
        for name, (read, reply, start, vendors) in CATEGORIES.items():
            rights = {"read_by": read, "reply_by": reply, "start_by": start, "lets_vendors_in": vendors}
            await a_category(self.db, slug=name, groups=[self.circle], **rights)
        self.ids = {}
        for name, person in PEOPLE.items():
            if name != "guest":
                groups = ["circle"] if person.in_circle else []
                made = await a_member(self.db, role=person.role, moderates=person.moderates, groups=groups)
                self.ids[name] = made.id
        await a_product(self.db, PRODUCT)
        sql = "INSERT INTO vendor_account (member_id, vendor_id) SELECT :m, v.id FROM vendor v"
        await run(self.db, sql, m=self.ids["vic"])

    def teardown(self):
        async def end():
            await empty(self.db)
            await self.db.disconnect()

        if hasattr(self, "db"):
            self.runner.run(end())
        self.runner.close()

    async def actor(self, who):
        return GUEST if who == "guest" else await members.actor(self.db, self.ids[who])

    def does(self, who, is_allowed, act):
        """What `act` gave; it must be refused exactly when the model says so, and then it gives None."""

        async def tried():
            actor = await self.actor(who)
            try:
                return (await act(actor),)
            except REFUSALS as refusal:
                return refusal

        self.undoable = None
        got = self.runner.run(tried())
        assert isinstance(got, tuple) == bool(is_allowed), (who, is_allowed, got)
        return got[0] if isinstance(got, tuple) else None

    def key(self):
        self.n += 1
        return f"key-{self.n}"

    def thread(self, which):
        numbers = sorted(self.world.threads)
        return numbers[which % len(numbers)]

    def post(self, which):
        numbers = sorted(self.world.posts)
        return numbers[which % len(numbers)]

    def replies(self, thread):
        return sum(not self.world.posts[post].deleted_by for post in self.world.threads[thread].posts[1:])

    def can_undo(self, before, who, entry_id):
        if entry_id:
            self.undoable = (before, who, entry_id)

    # Writing

    @rule(who=WHO, where=WHERE, of=st.sampled_from([PRODUCT, "question"]), is_out=st.booleans())
    def start(self, who, where, of, is_out):
        key = self.key()
        draft = ThreadDraft(where, "question", f"The {of} called {key}", f"canary {key}", "", key, is_out)
        number = self.does(who, self.world.starts(who, where), lambda actor: commands.start(self.db, actor, draft))
        if number:
            post = self.runner.run(value(self.db, "SELECT id FROM post WHERE thread_id = :t", t=number))
            self.world.posts[post] = Post(who)
            self.world.threads[number] = Thread(where, who, draft.title, [post], keeps_vendors_out=is_out)

    has_threads = precondition(lambda self: self.world.threads)

    @has_threads
    @rule(who=WHO, which=WHICH)
    def reply(self, who, which):
        thread = self.thread(which)
        t, draft = self.world.threads[thread], ReplyDraft(f"Me too, {self.key()}", self.key())
        may = self.world.replies(who, thread)
        number = self.does(who, may, lambda actor: commands.reply(self.db, actor, thread, draft))
        if number:
            sql = "SELECT id FROM post WHERE thread_id = :t AND number = :n"
            post = self.runner.run(value(self.db, sql, t=thread, n=number))
            self.world.posts[post] = Post(who)
            t.posts.append(post)

    @has_threads
    @rule(who=WHO, which=WHICH)
    def retitle(self, who, which):
        thread = self.thread(which)
        t, title = self.world.threads[thread], f"Renamed to {self.key()}"
        if t.merged:
            return
        may = self.world.writes(who, thread) and (
            self.world.staff(who, thread) or who == self.world.posts[t.posts[0]].author
        )

        async def act(actor):
            version = await value(self.db, "SELECT version FROM post WHERE id = :p", p=t.posts[0])
            await edit(self.db, actor, t.posts[0], EditDraft("Other words", "", version, title))

        self.does(who, may, act)
        t.title = title if may else t.title

    @has_threads
    @rule(who=WHO, which=WHICH)
    def delete_or_hide(self, who, which):
        post = self.post(which)
        thread = self.world.thread_of(post)
        t, p, before = self.world.threads[thread], self.world.posts[post], deepcopy(self.world)
        is_opening, is_gone = t.posts[0] == post, bool(p.deleted_by or t.deleted_by)
        may = (
            self.world.writes(who, thread)
            and self.world.sees_post(who, post)
            and (self.world.staff(who, thread) or (who == p.author and not (is_opening and self.replies(thread))))
        )
        may = self.world.sees_post(who, post) if is_gone else may
        entry_id = self.does(who, may, lambda actor: delete.hide(self.db, actor, post))
        if may and not is_gone:
            if is_opening:
                t.deleted_by = who
            else:
                p.deleted_by, p.was_accepted = who, t.accepted == post
                t.accepted = 0 if p.was_accepted else t.accepted
            self.can_undo(before, who, entry_id)

    @has_threads
    @rule(who=WHO, which=WHICH)
    def restore(self, who, which):
        post = self.post(which)
        thread = self.world.thread_of(post)
        t, p = self.world.threads[thread], self.world.posts[post]
        is_thread = t.posts[0] == post and bool(t.deleted_by)
        by = t.deleted_by if is_thread else p.deleted_by
        may = self.world.sees_post(who, post)
        if by:
            may = may and (self.world.staff(who, thread) or (who == by and not t.locked))
        self.does(who, may, lambda actor: delete.restore(self.db, actor, post))
        if may and is_thread:
            t.deleted_by = ""
        elif may and by:
            t.accepted = t.accepted or (post if p.was_accepted else 0)
            p.deleted_by, p.was_accepted = "", False

    @has_threads
    @rule(who=WHO, which=WHICH, takes_back=st.booleans())
    def accept_answer(self, who, which, takes_back):
        post = self.post(which)
        thread = self.world.thread_of(post)
        t, p = self.world.threads[thread], self.world.posts[post]
        may = self.world.sees_post(who, post) and who == t.author and not t.deleted_by
        if takes_back:
            self.does(who, may, lambda actor: unaccept(self.db, actor, post))
            t.accepted = 0 if may and t.accepted == post else t.accepted
        else:
            may = may and t.posts[0] != post and not p.deleted_by
            self.does(who, may, lambda actor: accept(self.db, actor, post))
            t.accepted = post if may else t.accepted

    @has_threads
    @rule(who=WHO, which=WHICH, is_helpful=st.booleans())
    def vote(self, who, which, is_helpful):
        post = self.post(which)
        p, t = self.world.posts[post], self.world.threads[self.world.thread_of(post)]
        may = self.world.sees_post(who, post) and who not in ("guest", "vic", p.author)
        may = may and not (p.deleted_by or t.deleted_by)
        self.does(who, may, lambda actor: vote(self.db, actor, post, is_helpful=is_helpful))

    @has_threads
    @rule(who=WHO, which=WHICH, out=st.booleans())
    def choose_vendors(self, who, which, out):
        thread, before = self.thread(which), deepcopy(self.world)
        t, is_staff = self.world.threads[thread], self.world.moderates(who, thread)
        is_asker = self.world.sees(who, thread) and not t.deleted_by and who == t.author and who != "vic"
        may = is_staff or (is_asker and (out or not self.replies(thread)))
        entry_id = self.does(who, may, lambda actor: state.keep_vendors_out(self.db, actor, thread, out=out))
        if may:
            t.keeps_vendors_out = out
            if is_staff or not self.replies(thread):
                self.can_undo(before, who, entry_id)

    # Staff

    @has_threads
    @rule(who=WHO, which=WHICH, is_locked=st.booleans())
    def lock(self, who, which, is_locked):
        thread, before = self.thread(which), deepcopy(self.world)
        may, act = self.world.moderates(who, thread), state.lock if is_locked else state.unlock
        entry_id = self.does(who, may, lambda actor: act(self.db, actor, thread))
        if may:
            self.world.threads[thread].locked = is_locked
            self.can_undo(before, who, entry_id)

    @has_threads
    @rule(who=WHO, which=WHICH, other=WHICH)
    def close_as_duplicate(self, who, which, other):
        thread, of, before = self.thread(which), self.thread(other), deepcopy(self.world)
        t, o = self.world.threads[thread], self.world.threads[of]
        may = self.world.moderates(who, thread) or (self.world.writes(who, thread) and who == t.author)
        may = may and self.world.sees(who, of) and thread != of and not o.deleted_by and not o.duplicate_of
        entry_id = self.does(who, may, lambda actor: state.close_as_duplicate(self.db, actor, thread, of))
        if may:
            t.locked, t.duplicate_of = True, of
            self.can_undo(before, who, entry_id)

    @has_threads
    @rule(who=WHO, which=WHICH, where=WHERE)
    def move(self, who, which, where):
        thread, before = self.thread(which), deepcopy(self.world)
        may = self.world.moderates(who, thread) and self.world.starts(who, where)
        entry_id = self.does(who, may, lambda actor: move(self.db, actor, thread, where))
        if may:
            self.world.threads[thread].category = where
            self.can_undo(before, who, entry_id)

    @has_threads
    @rule(who=WHO, which=WHICH, other=WHICH)
    def merge(self, who, which, other):
        thread, into, before = self.thread(which), self.thread(other), deepcopy(self.world)
        t, i = self.world.threads[thread], self.world.threads[into]
        may = self.world.moderates(who, thread) and self.world.moderates(who, into) and thread != into
        may = may and (i.keeps_vendors_out or not t.keeps_vendors_out)
        entry_id = self.does(who, may, lambda actor: merge(self.db, actor, thread, into))
        if may:
            i.posts = [i.posts[0], *sorted([*i.posts[1:], *t.posts])]
            i.accepted, t.accepted, t.posts, t.merged = i.accepted or t.accepted, 0, [], True
            self.can_undo(before, who, entry_id)

    @has_threads
    @rule(who=WHO, which=WHICH, where=WHERE, chosen=st.sets(st.integers(1, 8), min_size=1))
    def split(self, who, which, where, chosen):
        thread, before = self.thread(which), deepcopy(self.world)
        t = self.world.threads[thread]
        posts = [post for n, post in enumerate(t.posts) if n in chosen]
        goes = [post for post in posts if not self.world.posts[post].deleted_by]
        may = self.world.moderates(who, thread) and self.world.starts(who, where) and goes
        draft = SplitDraft(tuple(posts), f"Split off as {self.key()}", where)
        made = self.does(who, may, lambda actor: split(self.db, actor, thread, draft))
        if made:
            t.posts = [post for post in t.posts if post not in goes]
            t.accepted = 0 if t.accepted in goes else t.accepted
            self.world.threads[made[0]] = Thread(
                where, self.world.posts[goes[0]].author, draft.title, goes, keeps_vendors_out=t.keeps_vendors_out
            )
            self.can_undo(before, who, made[1])

    @precondition(lambda self: self.undoable)
    @rule()
    def undo(self):
        before, who, entry_id = self.undoable
        self.does(who, True, lambda actor: undo(self.db, actor, entry_id))
        self.world = before

    @rule(who=st.sampled_from(["ann", "ben", "omar", "vic"]), is_in=st.booleans())
    def grant_or_revoke(self, who, is_in):
        sql = {
            True: "INSERT INTO group_member (group_id, member_id) VALUES (:g, :m) ON CONFLICT DO NOTHING",
            False: "DELETE FROM group_member WHERE group_id = :g AND member_id = :m",
        }[is_in]
        self.runner.run(run(self.db, sql, g=self.circle, m=self.ids[who]))
        self.world.people[who].in_circle = is_in
        self.undoable = None

    # What holds after each step

    @invariant()
    def everybody_sees_what_the_model_says_and_counts_are_right(self):
        if hasattr(self, "db"):
            self.runner.run(self._compare())

    async def _compare(self):
        await assert_counts_are_right(self.db)
        while await index_changes(self.db, is_sent=True):
            pass
        assert (await compare(self.db, None)).is_good
        for who in PEOPLE:
            actor, shown = await self.actor(who), {}
            for thread in self.world.threads:
                try:
                    found = await queries.reading(self.db, actor, thread, limit=500)
                except NotFound:
                    continue
                posts = [post.id for post in found.posts]
                shown[thread] = (found.thread.title, found.thread.accepted_post_id or 0, posts)
            assert shown == self.world.shown(who), who
            listed = {row.id for row in await threads(self.db, actor, Selection())}
            assert listed == self.world.listed(who), who
            found = await find(Tools(self.db, FakeMailer(), Settings()), actor, parse("kind:thread"))
            assert found.count == len(self.world.listed(who)), who


def test_whatever_happens_rights_hold_and_counts_are_right(database_url):
    bounds = settings(
        max_examples=12,
        stateful_step_count=30,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(lambda: Forum(database_url), settings=bounds)
