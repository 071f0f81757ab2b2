"""`python -m tests.mail.storm` kills workers at random moments, 200 times while 4,000 mails go out, and counts.

About a minute on two cores. tests/mail/test_crash.py does the same with fewer, and says what must hold.
"""

import asyncio
import random
import tempfile
from pathlib import Path

from forum.kit.db import connect
from forum.kit.embedded import Embedded
from forum.kit.migrate import migrate
from tests.mail.mails import make_due
from tests.mail.rounds import a_place_for_workers, one_round
from tests.mail.sinks import a_sink
from tests.mail.test_crash import finish, judge, many_mails

KILLS, MAILS = 200, 4000


async def storm(url: str) -> None:
    await migrate(url)
    dice, kills = random.Random(), 0
    async with a_place_for_workers() as workers, connect(url) as db, a_sink() as sink:
        await many_mails(db, MAILS)
        while kills < KILLS:
            ends = [["random", dice.uniform(0.05, 0.25)] for _ in range(3)]
            kills += await one_round(workers, url, sink, ends)
            await make_due(db)
        await finish(db, workers, url, sink)
        doubled, unsure = await judge(db, sink, kills)
    print(f"{kills} kills, {MAILS} mails: none lost; in the moment {doubled} doubled, {unsure} digests unsure.")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder, Embedded(Path(folder) / "pg", fsync=False) as server:
        asyncio.run(storm(server.url))
