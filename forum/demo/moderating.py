"""What waits for the demo's moderators: watched words, posts they hold, flags."""

from forum.demo.settling import Ground
from forum.demo.types import Community, Draft
from forum.kit.db import Database
from forum.members.queries import actor
from forum.moderation import flags
from forum.moderation.types import FlagDraft
from forum.screening import commands as screening
from forum.screening.types import WordDraft
from forum.threads import commands as threads
from forum.threads.queries import post_numbered
from forum.threads.types import ReplyDraft, ThreadDraft


async def leave_work(db: Database, community: Community, ground: Ground, thread_ids: dict[str, int]) -> None:
    """Watch the words, send what they hold, flag the posts; thread_ids: by title."""
    for word in community.words:
        draft = WordDraft(word.words, word.act, word.sentence, word.path, word.category)
        await screening.watch(db, await actor(db, ground.members[word.by]), draft)
    for number, held in enumerate(community.held):
        await _send(db, ground, held, thread_ids, f"held-{number}")
    for flag in community.flags:
        reader = await actor(db, ground.members[flag.by])
        post = await post_numbered(db, reader, thread_ids[flag.thread], flag.number)
        await flags.flag(db, reader, post.id, FlagDraft(flag.reason, flag.note))


async def _send(db: Database, ground: Ground, held: Draft, thread_ids: dict[str, int], key: str) -> None:
    author = await actor(db, ground.members[held.by])
    if held.reply_to:
        await threads.reply(db, author, thread_ids[held.reply_to], ReplyDraft(held.body, key))
    else:
        draft = ThreadDraft(held.category, held.kind, held.title, held.body, held.topics, key)
        await threads.start(db, author, draft)
