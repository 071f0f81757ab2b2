"""Databases of their own on one server."""

import re

import asyncpg

from forum.kit.embedded import Embedded
from forum.kit.migrate import migrate


async def new_database(postgres: Embedded, name: str) -> str:
    """The address of a new database with every migration; one of that name is thrown away."""
    name = re.sub(r"\W", "_", name)
    connection = await asyncpg.connect(postgres.url)
    try:
        await connection.execute(f'DROP DATABASE IF EXISTS "{name}"')
        await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
    finally:
        await connection.close()
    url = postgres.url.replace("/postgres?", f"/{name}?")
    await migrate(url)
    return url
