"""Authors without a person behind them: stand-ins for those who are not named, and the forum itself."""

from forum.kit.db import Database, run, value
from forum.members.handles import free_handles, wait_for_turn

STAND_IN = "SELECT m.id FROM member m WHERE m.name = :name AND m.state = 'unnamed'"


async def stand_in(db: Database, name: str) -> int:
    """The id of the member who stands for everybody called `name`, made if there is none; within a transaction.

    Such a member cannot sign in, is in no list of people and has no page: whatever shows an author shows this name.
    """
    found: int | None = await value(db, STAND_IN, name=name)
    if found is not None:
        return found
    await wait_for_turn(db)
    handle = (await free_handles(db, [f"unnamed {name}"]))[0]
    await run(
        db,
        """
        INSERT INTO member (handle, name, state) VALUES (:handle, :name, 'unnamed')
        ON CONFLICT (name) WHERE state = 'unnamed' DO NOTHING
        """,
        handle=handle,
        name=name,
    )
    made: int = await value(db, STAND_IN, name=name)
    return made
