"""Describe the time during which a service outside the house does not answer."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Service(StrEnum):
    """Name what signatures, and mail, need from outside the house."""

    TIMESTAMP = "timestamp"
    REVOCATION = "revocation"
    MAIL = "mail"


@dataclass(frozen=True, kw_only=True)
class Outage:
    """Hold since when a service is silent; it is on record while it lasts."""

    service: Service
    since: datetime
