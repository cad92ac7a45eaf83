"""Describe the time during which a service that signatures need does not answer."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Service(StrEnum):
    """Name what signatures need from outside the house."""

    TIMESTAMP = "timestamp"
    REVOCATION = "revocation"


@dataclass(frozen=True, kw_only=True)
class Outage:
    """Hold since when a service is silent; it is on record while it lasts."""

    service: Service
    since: datetime
