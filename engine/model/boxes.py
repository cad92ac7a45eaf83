"""Hold the places on a page that are filled after rendering."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Box:
    """Hold a rectangle on a page: points, origin at the bottom left, `page` counted from 1."""

    page: int
    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(frozen=True, kw_only=True)
class FormBoxes:
    """Hold the places that are filled after rendering, in the order they are filled."""

    leader_signature: Box
    number: Box
    day: Box
    month: Box
    year: Box
    agency_seal: Box
