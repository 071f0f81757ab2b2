"""What whoever watches the site is told."""

import pytest

from forum import health
from forum.kit.db import run

READY = (200, {"status": "ok"})
MISFIT = (503, {"status": "database and code do not fit: forum doctor says why"})


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("SELECT 1", READY),
        (
            "INSERT INTO schema_migration (version, name, checksum, seconds) VALUES (9999, '9999_later', '', 0)",
            MISFIT,
        ),
        ("UPDATE schema_migration SET checksum = 'changed' WHERE version = 1", MISFIT),
        ("DELETE FROM schema_migration WHERE version = 2", (503, {"status": "1 migrations to apply"})),
        ("ALTER TABLE schema_migration RENAME COLUMN checksum TO sum", (503, {"status": "no database"})),
    ],
)
async def test_the_site_is_ready_when_its_database_fits(db, web, change, told):
    async def look_and_fail():
        async with db.transaction():
            await run(db, change)
            answer = await web.get("/readyz")
            assert (answer.status_code, answer.json()) == told
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await look_and_fail()


async def test_a_database_that_was_never_migrated_is_not_ready(db, web):
    missing = len(health._migrations())

    async def look_and_fail():
        async with db.transaction():
            await run(db, "DROP TABLE schema_migration")
            answer = await web.get("/readyz")
            assert (answer.status_code, answer.json()) == (503, {"status": f"{missing} migrations to apply"})
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await look_and_fail()


async def test_the_process_is_alive_whatever_the_database_does(web):
    assert (await web.get("/healthz")).json() == {"status": "ok"}
