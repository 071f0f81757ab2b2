"""Why somebody hears of a post, or does not: each rule of `hearing` that fits or does not, in sentences."""

from collections.abc import Mapping, Sequence

from forum.following import targets
from forum.following.cadence import OWN_CADENCE
from forum.following.hearing import ABOUT, DOCUMENTS, POSTS, SUBJECTS, WRITERS, calls, heard
from forum.following.things import KINDS, THINGS
from forum.following.types import Heard, Level, Target
from forum.following.why_types import Rule, Subject
from forum.following.wishes import break_day, wishes
from forum.kit.db import Database, many, value
from forum.members.types import Actor
from forum.search.fresh import words_of_new_posts

SUBJECTS_OF_ONE = f"""
    WITH spoken AS MATERIALIZED ({POSTS}),
    document AS MATERIALIZED ({DOCUMENTS}),
    about AS MATERIALIZED ({ABOUT}),
    subject AS ({SUBJECTS})
    SELECT s.kind, s.target_id, coalesce(f.level, 'none') AS level, coalesce(f.every_days, 0) AS every_days,
           coalesce(f.reason, '') AS since, (SELECT k.thread_kind FROM spoken k) AS thread_kind
    FROM subject s
    LEFT JOIN follow f ON f.kind = s.kind AND f.target_id = s.target_id AND f.member_id = :member_id
    WHERE s.kind <> 'search' OR f.member_id IS NOT NULL
    ORDER BY array_position(CAST(:kinds AS text[]), s.kind), s.target_id
    LIMIT 100
"""
OWN_CADENCE_SQL = f"SELECT {OWN_CADENCE} FROM member r WHERE r.id = :member_id"
OWN = Rule("You wrote it, and nobody hears about their own posts.", "counts")
GONE = Rule("It was deleted, so nobody hears about it.", "counts")


async def reasons(db: Database, actor: Actor, post_id: int) -> tuple[str, list[Rule]]:
    """How `actor` hears of a post they may read, in a sentence, and each rule with what became of it."""
    if not await value(db, f"SELECT count(*) FROM ({POSTS}) s", post_ids=[post_id]):
        return "You do not hear about it.", [GONE]
    if await _is_own(db, actor, post_id):
        return "You do not hear about it.", [OWN]
    found = await heard(db, [post_id], [actor.id or 0])
    return await _outcome(db, actor, found), await _rules(db, actor, post_id, found)


async def _is_own(db: Database, actor: Actor, post_id: int) -> bool:
    sql = f"""
        SELECT EXISTS (SELECT 1 FROM ({POSTS}) s WHERE s.author_id = :member_id)
            OR EXISTS (SELECT 1 FROM ({WRITERS}) w WHERE w.post_id = :post_id AND w.member_id = :member_id)
    """
    is_own: bool = await value(db, sql, post_ids=[post_id], post_id=post_id, member_id=actor.id)
    return is_own


async def _outcome(db: Database, actor: Actor, found: Sequence[Heard]) -> str:
    if not found:
        return "You do not hear about it."
    how = {"each": "by email and on the web", "web": "on the web"}.get(found[0].level, "in your digest and on the web")
    wished = await wishes(db, actor.id or 0)
    return f"You hear about it {how}. {wished.silence(break_day())}".rstrip()


async def _rules(db: Database, actor: Actor, post_id: int, found: Sequence[Heard]) -> list[Rule]:
    new = await words_of_new_posts(db, [post_id])
    subjects = await many(
        db,
        Subject,
        SUBJECTS_OF_ONE,
        post_ids=[post_id],
        new_ids=list(new),
        new_words=list(new.values()),
        member_id=actor.id,
        kinds=list(KINDS),
    )
    names = {
        kind: await targets.names(db, actor, kind, [each.target_id for each in subjects if each.kind == kind])
        for kind in dict.fromkeys(each.kind for each in subjects)
    }
    reason = (found[0].reason, found[0].target_id) if found else ("", 0)
    rules = [
        _rule(each, names[each.kind][each.target_id], reason) for each in subjects if each.target_id in names[each.kind]
    ]
    return [*await _mention(db, actor, post_id, reason), *rules, *_decided(subjects, reason)]


async def _mention(db: Database, actor: Actor, post_id: int, reason: tuple[str, int]) -> list[Rule]:
    wished = (await wishes(db, actor.id or 0)).mentioned
    if actor.handle not in {handle for _, handle in await calls(db, [post_id])}:
        return [Rule("It does not mention you.", "no")]
    if wished == "none":
        return [Rule("It mentions you, but you chose to hear nothing about mentions.", "no", "/settings/following")]
    often = await value(db, OWN_CADENCE_SQL, member_id=actor.id) if wished == "digest" else 0
    words = Level(wished, often or 0).words.lower()
    standing = "counts" if reason[0] == "mentioned" else "aside"
    return [Rule(f"It mentions you: {words}.", standing, "/settings/following")]


def _rule(subject: Subject, told: tuple[str, str], reason: tuple[str, int]) -> Rule:
    name = THINGS[subject.kind].this_one.format(told[0])
    path = Target(subject.kind, subject.target_id).path
    if subject.level == "none":
        return Rule(f"You do not follow {name}.", "no", path)
    if subject.level == "muted":
        return Rule(f"You muted {name}.", "counts" if not reason[0] else "aside", path)
    is_reason = reason[1] == subject.target_id and reason[0] in _reasons_of(subject.kind)
    return Rule(f"You follow {name}{subject.cause}: {subject.words}.", "counts" if is_reason else "aside", path)


def _reasons_of(kind: str) -> tuple[str, ...]:
    return ("thread", "asked", "replied") if kind == "thread" else (kind,)


def _decided(subjects: Sequence[Subject], reason: tuple[str, int]) -> list[Rule]:
    """What keeps other rules from counting."""
    levels: Mapping[str, str] = {each.kind: each.level for each in subjects}
    if levels.get("thread", "none") != "none" and reason[0] != "mentioned":
        return [Rule("How you follow this thread overrides everything else.", "counts")]
    if any(each.level == "muted" and each.kind != "thread" for each in subjects):
        return [Rule("What you muted overrides whatever else you follow, except a mention or this thread.", "counts")]
    return []
