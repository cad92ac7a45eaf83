"""Find agencies and units by the names people write them with.

`Ủy ban` and `Uỷ ban`, `Tp.` and `thành phố`, `UBND`, `Sở TT&TT` and `STTTT` name the same thing;
in a list only the first may be named in full (`các Sở: Nội vụ, Tài chính`). A name is matched
letter by letter without its tones, so a place in the folded text is the same place in the text.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from engine.model.assignment import Party
from engine.model.organisation import Agency, AgencyKind, Unit

_CITY = "thanh pho"
_COMMITTEE = "uy ban nhan dan"
_SHORT_COMMITTEE = "ubnd"
_SHORT_CITIES = ("tp", "tp.", "t.p")
_DISTRICT = re.compile(r"(?:uy ban nhan dan )?((?:quan|huyen) (.+))")
_INITIALS_LEFT_OUT = frozenset({"va"})
#: Words that stand for every agency of a kind; longer ones first.
_GROUPS: tuple[tuple[str, AgencyKind, str], ...] = (
    (r"(?:uy ban nhan dan|ubnd) (?:cac )?quan,? (?:va )?huyen", AgencyKind.DISTRICT, ""),
    (r"(?:uy ban nhan dan|ubnd) (?:cap|tuyen) huyen", AgencyKind.DISTRICT, ""),
    (r"(?:uy ban nhan dan|ubnd) cac quan", AgencyKind.DISTRICT, "quan"),
    (r"(?:uy ban nhan dan|ubnd) cac huyen", AgencyKind.DISTRICT, "huyen"),
    (r"cac quan,? (?:va )?huyen", AgencyKind.DISTRICT, ""),
    (r"cac so,? ban,?(?: va)? nganh(?: thanh pho)?", AgencyKind.DEPARTMENT, ""),
    (r"cac so,? nganh(?: thanh pho)?", AgencyKind.DEPARTMENT, ""),
)
_ABBREVIATED = re.compile(r"\b(?:Sở|sở|SỞ)\s+([A-ZĐ][A-ZĐ&,\-. ]*[A-ZĐ])\b")
#: What may stand between two names of one list, and before a name without its first word.
_BETWEEN = re.compile(r"\s*(?:,|;|\bva\b|\bcung\b)\s*(?:cac\s+)?(?:so|quan|huyen)?\s*:?\s*")
_LIST_HEAD = re.compile(r"\b(?:cac (?:so|quan|huyen)|quan|huyen)\s*:?\s*$")


@dataclass(frozen=True, kw_only=True)
class Mention:
    """Hold one place that names somebody.

    Args:
        start: and `end`, places in the text.
        parties: one, or every agency of a group.
        is_group: it names a kind, not one.
    """

    start: int
    end: int
    parties: tuple[Party, ...]
    is_group: bool = False


def plain(text: str) -> str:
    """Return `text` in small letters without tones; each letter stays where it is."""
    return "".join(_plain_char(char) for char in text)


def _plain_char(char: str) -> str:
    if char in "đĐ":
        return "d"
    base = unicodedata.normalize("NFD", char)[0].lower()
    return base if len(base) == 1 else char


@dataclass(frozen=True, kw_only=True)
class Names:
    """Know the names of agencies and units.

    Args:
        agencies: of the city, in force on the day of the text.
        units: of the agency whose text it is.
    """

    agencies: Sequence[Agency]
    units: Sequence[Unit] = ()
    _strong: dict[str, Party] = field(default_factory=dict, init=False)
    _weak: dict[str, Party] = field(default_factory=dict, init=False)
    _initials: dict[str, Party] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        """Write out the names each may go by; one that two share names nobody."""
        strong = [
            (name, Party(agency_id=agency.id))
            for agency in self.agencies
            for name in _names_of(agency, self.agencies)
        ]
        strong += [
            (plain(unit.name), Party(agency_id=unit.agency_id, unit_id=unit.id))
            for unit in self.units
        ]
        weak = [
            (name, Party(agency_id=agency.id))
            for agency in self.agencies
            for name in _bare_names_of(agency)
        ]
        initials = [
            (_initials_of(plain(agency.name).removeprefix("so ")), Party(agency_id=agency.id))
            for agency in self.agencies
            if plain(agency.name).startswith("so ")
        ]
        for names, known in (
            (strong, self._strong),
            (weak, self._weak),
            (initials, self._initials),
        ):
            known.update(_unshared(names))

    def find(self, text: str) -> list[Mention]:
        """Return what `text` (NFC) names, in its order; of overlapping names the longest."""
        folded = plain(text)
        found = [*self._groups(folded), *self._named(folded), *self._abbreviated(text)]
        chosen = _longest(found)
        return _longest([*chosen, *self._listed(text, folded, chosen)])

    def _named(self, folded: str) -> Iterator[Mention]:
        for name, party in self._strong.items():
            for start in _places(folded, name):
                yield Mention(start=start, end=start + len(name), parties=(party,))

    def _abbreviated(self, text: str) -> Iterator[Mention]:
        for match in _ABBREVIATED.finditer(text):
            letters = re.sub(r"[^a-z]", "", plain(match.group(1)))
            party = self._initials.get(letters)
            if party is not None:
                yield Mention(start=match.start(), end=match.end(), parties=(party,))

    def _groups(self, folded: str) -> Iterator[Mention]:
        for pattern, kind, word in _GROUPS:
            for match in re.finditer(rf"\b{pattern}\b", folded):
                members = tuple(
                    Party(agency_id=agency.id)
                    for agency in self.agencies
                    if agency.kind is kind and word in ["", *plain(agency.name).split()[4:5]]
                )
                if members:
                    yield Mention(
                        start=match.start(), end=match.end(), parties=members, is_group=True
                    )

    def _listed(self, text: str, folded: str, chosen: Sequence[Mention]) -> Iterator[Mention]:
        """Yield names without their first word, where a list has begun before them.

        Only with a capital: `Sở Nội vụ, Xây dựng` names two, `Sở Nội vụ, xây dựng kế hoạch` one.
        """
        ends = {mention.end for mention in chosen}
        places = sorted(
            (start, start + len(name), party)
            for name, party in self._weak.items()
            for start in _places(folded, name)
            if text[start].isupper()
        )
        for start, end, party in places:
            if any(mention.start < end and start < mention.end for mention in chosen):
                continue
            begins = _LIST_HEAD.search(folded[max(0, start - 20) : start]) is not None
            follows = any(_BETWEEN.fullmatch(folded[each:start]) for each in ends if each <= start)
            if begins or follows:
                ends.add(end)
                yield Mention(start=start, end=end, parties=(party,))


def _names_of(agency: Agency, agencies: Sequence[Agency]) -> Iterator[str]:
    """Yield the whole names of an agency, folded."""
    name = plain(agency.name)
    names = {name, name.replace(_COMMITTEE, _SHORT_COMMITTEE)}
    district = _DISTRICT.fullmatch(name)
    if district is not None:
        names.add(district.group(1))
    names |= {other for each in names for other in _with_city(agency, each)}
    names |= {each.replace(_CITY, short) for each in names for short in _SHORT_CITIES}
    if sum(other.symbol == agency.symbol for other in agencies) == 1 and len(agency.symbol) > 2:
        names.add(plain(agency.symbol))
    # Half a name: an inspectorate may be any agency's.
    yield from names - {"thanh tra"}


def _with_city(agency: Agency, name: str) -> Iterator[str]:
    """Yield a name with the city and its place, and without them where that is usual."""
    place = plain(agency.place)
    if name.endswith(f" {_CITY}"):
        yield f"{name} {place}"
    if name.endswith(f" {_CITY} {place}"):
        yield name.removesuffix(f" {place}")
    if agency.kind is AgencyKind.DEPARTMENT:
        bare = name.removesuffix(f" {_CITY}")
        yield from (bare, f"{bare} {_CITY}", f"{bare} {_CITY} {place}")


def _bare_names_of(agency: Agency) -> Iterator[str]:
    name = plain(agency.name)
    if name.startswith("so "):
        yield name.removeprefix("so ")
    district = _DISTRICT.fullmatch(name)
    if district is not None:
        yield district.group(2)


def _initials_of(name: str) -> str:
    words = re.findall(r"[a-z]+", name)
    return "".join(word[0] for word in words if word not in _INITIALS_LEFT_OUT)


def _unshared(names: Iterable[tuple[str, Party]]) -> dict[str, Party]:
    listed = list(dict.fromkeys(names))
    counts = Counter(name for name, _ in listed)
    return {name: party for name, party in listed if counts[name] == 1}


def _places(folded: str, name: str) -> Iterator[int]:
    for match in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", folded):
        yield match.start()


def _longest(found: Iterable[Mention]) -> list[Mention]:
    """Return the mentions without those that overlap a longer one, in the order of the text."""
    chosen: list[Mention] = []
    for each in sorted(found, key=lambda mention: (mention.start - mention.end, mention.start)):
        if all(each.end <= other.start or other.end <= each.start for other in chosen):
            chosen.append(each)
    return sorted(chosen, key=lambda mention: mention.start)
