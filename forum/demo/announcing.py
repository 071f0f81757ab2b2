"""Says of some of the demo's threads when and where they invite to, and who comes."""

from datetime import date, datetime, time, timedelta

from forum.demo.settling import Ground
from forum.events import commands
from forum.events.types import Facts
from forum.kit.db import Database
from forum.members.queries import actor

ZONE = "America/Chicago"
# Title and author of a thread; days from now at least, and the day of the week (1 is Monday) it then falls on; from
# when to when; after how many days it ends; place and link; who comes.
HELD = (
    (
        ("E-rate evening: ask Linda anything before the window opens, 90 minutes", "linda.cho"),
        (1, 3, "18:30", "20:00", 0),
        ("", "https://meet.riverbend.example/e-rate"),
        ("donna.spivey", "maya.okafor", "ruth.engel", "rosa.medina"),
    ),
    (
        ("Accessibility clinic: bring one page, leave with it fixed", "sofia.lindgren"),
        (2, 5, "12:15", "13:00", 0),
        ("", "https://meet.dunmore.example/clinic"),
        ("tanya.duarte", "molly.kerr"),
    ),
    (
        ("Regional meetup at Stonebridge: server room tour, soup, and three short talks", "omar.haddad"),
        (6, 4, "10:00", "14:00", 0),
        ("Stonebridge Unified, district office", ""),
        ("arjun.patel", "jo.pemberton", "ivan.petrov", "shauna.ridge", "greta.olsen"),
    ),
    (
        ("Summer conference: call for sessions is open, 45 or 20 minutes, no slides needed", "ines.varga"),
        (190, 2, "09:00", "16:00", 2),
        ("Lakeside community college", "https://conference.example/summer"),
        ("neil.farraday", "gus.hendricks", "molly.kerr", "imani.brooks"),
    ),
    (
        ("NorthGate Networks open hour: your hardest filter questions, an engineer, no slides", "ines.varga"),
        (-9, 3, "15:30", "16:30", 0),
        ("", "https://meet.northgate.example/open"),
        (),
    ),
)


async def announce(db: Database, ground: Ground, thread_ids: dict[str, int]) -> None:
    """Add them. thread_ids: by title."""
    for (title, author), (ahead, weekday, starts, ends, days), (place, link), guests in HELD:
        day = _day(ground.now.date(), ahead, weekday)
        facts = Facts(_typed(day, starts), _typed(day + timedelta(days=days), ends), ZONE, place, link)
        await commands.change(db, await actor(db, ground.members[author]), thread_ids[title], facts, 0)
        for handle in guests:
            await commands.come(db, await actor(db, ground.members[handle]), thread_ids[title], is_coming=True)


def _day(today: date, ahead: int, weekday: int) -> date:
    """The first such day of the week that is `ahead` days away, or more."""
    first = today + timedelta(days=ahead)
    return first + timedelta(days=(weekday - first.isoweekday()) % 7)


def _typed(day: date, hour: str) -> str:
    return datetime.combine(day, time.fromisoformat(hour)).isoformat(timespec="minutes")
