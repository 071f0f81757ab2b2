"""Time zones as people call them, and to choose from."""

from zoneinfo import ZoneInfo

import pytest

from forum.kit.zones import named_zones, zone_words


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("America/New_York", "Eastern time"),
        ("America/Detroit", "Eastern time"),
        ("America/Indiana/Knox", "Central time"),
        ("US/Central", "Central time"),
        ("America/Boise", "Mountain time"),
        ("America/Phoenix", "Arizona time"),
        ("America/Hermosillo", "Hermosillo time"),
        ("America/Los_Angeles", "Pacific time"),
        ("America/Juneau", "Alaska time"),
        ("Pacific/Honolulu", "Hawaii time"),
        ("America/Adak", "Adak time"),
        ("America/Regina", "Regina time"),  # CST the whole year
        ("America/Havana", "Havana time"),  # CST and CDT, an hour off
        ("Asia/Shanghai", "Shanghai time"),  # another CST
        ("Europe/Berlin", "Berlin time"),
        ("America/Argentina/Buenos_Aires", "Buenos Aires time"),
        ("UTC", "UTC"),
    ],
)
def test_a_zone_is_called_as_its_people_call_it(name, words):
    assert zone_words(name) == words


def test_zones_of_the_united_states_come_first_and_all_others_by_name():
    zones = named_zones()
    names = [name for name, _ in zones]

    assert [words for _, words in zones[:8]] == [
        "Eastern time",
        "Central time",
        "Mountain time",
        "Arizona time",
        "Pacific time",
        "Alaska time",
        "Hawaii time",
        "UTC",
    ]
    assert names[8:] == sorted(names[8:])
    assert ("America/Indiana/Tell_City", "America/Indiana/Tell City") in zones
    assert len(names) == len(set(names)) > 400
    assert all(ZoneInfo(name) for name in names)
