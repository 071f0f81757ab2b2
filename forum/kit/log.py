"""Logs as JSON lines with ids: never people's words, addresses or the values of a statement."""

import logging
import sys
import traceback

import structlog


def configure(level: str) -> None:
    """Log to stderr from `level` on: "debug", "info", "warning" or "error"."""
    threshold = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
    )
    logging.basicConfig(level=max(threshold, logging.WARNING), format="%(levelname)s %(name)s %(message)s")
    # At DEBUG it prints statements with their values; the job library prints tracebacks with messages.
    logging.getLogger("databases").setLevel(logging.WARNING)
    logging.getLogger("pgqueuer").setLevel(logging.CRITICAL)


def outline(error: BaseException) -> str:
    """Where `error` came from, without its message, which may hold what somebody wrote: "KeyError at a.py:3 b.py:9"."""
    frames = traceback.extract_tb(error.__traceback__)[-8:]
    places = (f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in frames)
    return f"{type(error).__name__} at {' '.join(places)}"
