"""Read which agencies lead the city, for those who watch all of it."""

import os

from engine.model.organisation import AgencyId

#: The People's Committee of the shipped city, and the office that serves it.
SHIPPED_CITY_AGENCIES = "ubnd-tp vpub"


def read_city_agencies() -> frozenset[AgencyId]:
    """Return the ids in `TRINHKY_CITY_AGENCIES`, separated by spaces."""
    named = os.environ.get("TRINHKY_CITY_AGENCIES", SHIPPED_CITY_AGENCIES)
    return frozenset(AgencyId(each) for each in named.split())
