"""Shapes of the districts room."""

from dataclasses import dataclass


@dataclass(frozen=True)
class District:
    """An organisation. `enrolment` counts its students; None where nobody said."""

    id: int
    name: str
    state: str
    enrolment: int | None
