"""Logs: JSON lines with ids, never anybody's words."""

import json
import logging

import pytest
import structlog

from forum.kit.log import configure, outline


@pytest.fixture
def _as_it_was():
    levels = {name: logging.getLogger(name).level for name in ("", "databases", "pgqueuer")}
    handlers = list(logging.getLogger().handlers)
    yield
    structlog.reset_defaults()
    logging.getLogger().handlers[:] = handlers
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


@pytest.mark.usefixtures("_as_it_was")
class TestLines:
    def test_a_line_is_json_with_a_level_and_a_time(self, capsys):
        configure("info")

        structlog.get_logger().info("job done", job_id=7)

        line = json.loads(capsys.readouterr().err)
        assert line.pop("timestamp").endswith("Z")
        assert line == {"event": "job done", "job_id": 7, "level": "info"}

    @pytest.mark.parametrize(
        ("level", "said"),
        [
            ("debug", ["debug", "info", "warning", "error"]),
            ("info", ["info", "warning", "error"]),
            ("warning", ["warning", "error"]),
            ("error", ["error"]),
        ],
    )
    def test_less_than_the_level_is_not_said(self, capsys, level, said):
        configure(level)

        for name in ("debug", "info", "warning", "error"):
            getattr(structlog.get_logger(), name)("x")

        assert [json.loads(line)["level"] for line in capsys.readouterr().err.splitlines()] == said

    def test_a_line_end_in_a_value_starts_no_new_line(self, capsys):
        configure("info")

        structlog.get_logger().info("x", path='/a\n{"event": "forged"}')

        assert len(capsys.readouterr().err.splitlines()) == 1

    def test_libraries_do_not_say_what_statements_and_jobs_held(self):
        configure("debug")

        assert not logging.getLogger("databases").isEnabledFor(logging.DEBUG)
        assert not logging.getLogger("pgqueuer").isEnabledFor(logging.ERROR)
        assert logging.getLogger("databases").isEnabledFor(logging.WARNING)


def test_an_error_is_told_by_its_place_not_by_its_message():
    def inner():
        raise KeyError("ada@district.example wrote this")

    def outer():
        inner()

    with pytest.raises(KeyError) as caught:
        outer()

    text = outline(caught.value)
    assert text.startswith("KeyError at test_log.py:")
    assert text.count("test_log.py:") == 3
    assert "ada" not in text


def test_of_a_deep_error_only_the_last_places_are_told():
    def deeper(n):
        if n == 0:
            raise ValueError("words")
        deeper(n - 1)

    with pytest.raises(ValueError, match="words") as caught:
        deeper(100)

    assert outline(caught.value).count("test_log.py:") == 8


def test_an_error_that_was_never_raised_has_a_name():
    assert outline(ValueError("words")) == "ValueError at "
