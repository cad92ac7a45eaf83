"""Read the `Giao …` paragraphs of a conclusion notice as orders somebody has yet to confirm.

A proposal never has two leads: `Giao Ủy ban nhân dân các quận, huyện …` is one order for each of
them, and where a text names two leads for one piece of work the reader chooses. What is not
recognised is left open and named; nothing is guessed and nothing is given by itself.

Source: practice of conclusion notices (thông báo kết luận); Decision 42/2014/QĐ-TTg.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from engine.calendar.working_time import WorkingCalendar
from engine.due_dates_in_text import read_due
from engine.mentions import Mention, Names, plain
from engine.model.assignment import Party
from engine.model.organisation import Agency, Unit
from engine.text import nfc

MAX_ORDERS = 100
#: Letters of one sentence that are looked at; a longer one is still shown whole.
_MOST_LETTERS = 2_000
# A dot between digits never ends a number, so that `1.1.1.` is read in one way only: what can be
# read in many ways takes the matcher exponential time.
_ENUMERATOR = r"(?:\(?(?:\d{1,2}(?:\.\d{1,2}){0,4}|[ivx]{1,5}|[a-zđ])[.)](?!\d)\s*|[-–+•*]\s*)"
#: Who gives it may be named first: `Thống nhất giao …`, `Chủ tịch UBND thành phố giao …`.
_GIVER = (
    r"(?:thống nhất\s+|(?:(?:đồng chí\s+)?(?:phó\s+)?chủ tịch\s+)?"
    r"(?:ubnd|[uủ][yỷ] ban nhân dân)\s+(?:thành phố|tỉnh|quận|huyện)\s+(?:thống nhất\s+)?|"
    r"(?:đồng chí\s+)?(?:phó\s+)?chủ tịch\s+)"
)
#: `Giao` begins an order; `giao thông`, `giao ban`, `giao dịch` and the like begin something else.
_ORDER = r"giao\b(?!\s+(?:thông|dịch|ban|lưu|tiếp|nhận|hữu|mùa|thừa|diện|thương|hàng|đất|rừng)\b)"
_START = re.compile(
    rf"(?:^|(?<=[.;:!])\s+)\s*(?:{_ENUMERATOR}){{0,4}}{_GIVER}?(?={_ORDER})", re.IGNORECASE
)
_ITEM = re.compile(rf"\s*{_ENUMERATOR}", re.IGNORECASE)
_VERB_OF_GIVING = re.compile(
    r"giao\s+(?:(?:nhiem vu|trach nhiem|them)\s+)?(?:cho\s+)?", re.IGNORECASE
)
_TITLES = re.compile(
    r"(?:(?:cac|dong chi|ong|ba|thu truong|lanh dao|giam doc|chu tich|chanh|truong|"
    r"pho giam doc|pho chu tich|don vi|co quan|tat ca)\s+)+"
)
_BETWEEN_LEADS = re.compile(
    r"\s*(?:,|;|\bva\b|,\s*va\b|&)?\s*(?:cac\s+)?(?:so|quan|huyen)?\s*:?\s*"
)
_LEADS = re.compile(r"[\s,]*(?:lam\s+)?(?:co quan\s+|don vi\s+)?chu tri\b[\s,]*")
_WITH = re.compile(r"\bphoi hop\b(?:\s+(?:chat che|dong bo))?(?:\s+(?:voi|cung))*\s*")
#: What the co-operators are to do begins here; names are masked before it is looked for.
_ACTION = re.compile(
    r"\b(?:tham muu|xay dung|tong hop|ra soat|bao cao|trinh|huong dan|trien khai|kiem tra|de xuat|"
    r"hoan thanh|hoan thien|thuc hien|chuan bi|theo doi|don doc|xu ly|giai quyet|nghien cuu|"
    r"to chuc|lap|cung cap|khan truong|tiep tuc|tang cuong|chi dao|can cu|thong bao|ban hanh|"
    r"soan|gui|dam bao|bao dam|lam viec|de|thanh lap|tap trung|chiu trach nhiem|thong nhat|"
    r"cap nhat|danh gia|tuyen truyen|bo tri|kham|mo|dua|sap xep|truoc ngay|cham nhat|trong)\b"
)
_NOBODY = re.compile(
    r"(?:cac|nhung)?\s*(?:co quan|don vi|dia phuong|nganh|so|ban)?[\s,]*"
    r"(?:(?:cac|co quan|don vi|dia phuong|to chuc|ca nhan|co|va)[\s,]*)*(?:lien quan|khac)?"
)
_MASK = "\x00"
#: Letters between the lead and `phối hợp`; further on it is part of the work.
_CLOSE = 3


@dataclass(frozen=True, kw_only=True)
class ProposedOrder:
    """Hold one order as the text reads; whoever gives it confirms or corrects each part.

    Args:
        text: whole sentence it was read from.
        content: what is to be done, without who and with by when.
        lead: who answers for it; None when the text names nobody known, or more than one.
        lead_text: words that stand where the lead should, "" when it is known.
        candidates: those the text names, when it names more than one lead.
        cooperators: known ones; never the lead.
        unknown: names of co-operators that nobody goes by.
        due_on: the latest day the text names; None when it names none.
        days: every day it names, earliest first.
        no_deadline: the text says it is to be done again and again.
    """

    text: str
    content: str
    lead: Party | None
    lead_text: str = ""
    candidates: tuple[Party, ...] = ()
    cooperators: tuple[Party, ...] = ()
    unknown: tuple[str, ...] = ()
    due_on: date | None = None
    days: tuple[date, ...] = ()
    no_deadline: bool = False


def find_orders(
    body: str,
    agencies: Sequence[Agency],
    units: Sequence[Unit] = (),
    *,
    day: date,
    calendar: WorkingCalendar,
) -> list[ProposedOrder]:
    """Return the orders in a text, at most 100, in its order.

    Args:
        body: paragraphs separated by line breaks.
        agencies: of the city, in force on `day`.
        units: of the agency whose text it is.
        day: of the text; tells the year of a day that names none.
        calendar: counts working days.
    """
    names = Names(agencies=agencies, units=units)
    orders: list[ProposedOrder] = []
    for sentence in _list_sentences(body):
        orders.extend(_read(sentence, names, day, calendar))
        if len(orders) >= MAX_ORDERS:
            break
    return orders[:MAX_ORDERS]


def _list_sentences(body: str) -> Iterator[str]:
    """Yield the parts of the text that begin with `Giao`.

    A part that ends with a colon gives its items: of `Giao Sở A:` each item to that lead, of
    `Giao các đơn vị:` each item to who stands in it.
    """
    header = ""
    for line in nfc(body).split("\n"):
        text = " ".join(line.split())
        starts = [match.end() for match in _START.finditer(text)]
        if not starts:
            if header and _ITEM.match(text):
                yield f"{header} {_ITEM.sub('', text, count=1)}"
            elif text:
                header = ""
            continue
        header = ""
        for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
            sentence = _without_end(text[start:end])
            if sentence.endswith(":") and end == len(text):
                header = _header(sentence)
            else:
                yield sentence


def _header(sentence: str) -> str:
    named = plain(sentence).rstrip(": ")
    is_everybody = _NOBODY.fullmatch(_VERB_OF_GIVING.sub("", named, count=1)) is not None
    return "Giao" if is_everybody else sentence.rstrip(": ")


def _without_end(sentence: str) -> str:
    """Return a sentence without what follows it: the next one's number, the end mark."""
    cut = re.sub(rf"(?<=[.;:])\s*{_ENUMERATOR}\s*$", "", sentence.strip(), flags=re.IGNORECASE)
    return cut if cut.endswith(":") else cut.rstrip(" ./;")


def _read(
    sentence: str, names: Names, day: date, calendar: WorkingCalendar
) -> list[ProposedOrder]:
    looked_at = sentence[:_MOST_LETTERS]
    mentions = names.find(looked_at)
    folded = _masked(plain(looked_at), mentions)
    head = _VERB_OF_GIVING.match(folded)
    start = head.end() if head else 0
    leads, action = _read_leads(folded, mentions, start)
    # Who is unknown stands before the same words as who is known.
    chairs = _LEADS.match(folded, action) if leads else _find_chairs(folded, start)
    action = chairs.end() if chairs else action
    others: tuple[Party, ...] = ()
    unknown: tuple[str, ...] = ()
    with_others = _WITH.search(folded, action)
    if with_others is not None and with_others.start() - action <= _CLOSE:
        others, unknown, action = _read_others(sentence, folded, mentions, with_others.end())
    said = read_due(looked_at, day, calendar)
    common = ProposedOrder(
        text=sentence,
        content=_content(sentence, action),
        lead=None,
        unknown=unknown,
        due_on=said.due_on,
        days=said.days,
        no_deadline=said.due_on is None and said.is_standing,
    )
    return _proposals(
        common,
        [party for mention in leads for party in mention.parties],
        others,
        is_joint=chairs is not None and len(leads) > 1,
        lead_text=_lead_text(sentence, folded, start),
    )


def _masked(folded: str, mentions: Sequence[Mention]) -> str:
    """Return the text with names blotted out, so that no word of a name is read as a verb."""
    letters = list(folded)
    for mention in mentions:
        letters[mention.start : mention.end] = _MASK * (mention.end - mention.start)
    return "".join(letters)


def _read_leads(folded: str, mentions: Sequence[Mention], start: int) -> tuple[list[Mention], int]:
    """Return the names that stand where leads stand, and the place after them."""
    by_start = {mention.start: mention for mention in mentions}
    leads: list[Mention] = []
    end = place = start
    while True:
        titles = _TITLES.match(folded, place)
        mention = by_start.get(place) or (by_start.get(titles.end()) if titles else None)
        if mention is None:
            return leads, end
        leads.append(mention)
        end = mention.end
        between = _BETWEEN_LEADS.match(folded, end)
        place = between.end() if between else end


def _find_chairs(folded: str, start: int) -> re.Match[str] | None:
    action = _ACTION.search(folded, start)
    return _LEADS.search(folded, start, action.start() if action else len(folded))


def _read_others(
    sentence: str, folded: str, mentions: Sequence[Mention], start: int
) -> tuple[tuple[Party, ...], tuple[str, ...], int]:
    """Return who co-operates, which names nobody goes by, and where the work itself begins."""
    action = _ACTION.search(folded, start)
    end = action.start() if action else len(folded)
    parties = dict.fromkeys(
        party for mention in mentions if start <= mention.start < end for party in mention.parties
    )
    unknown = [
        sentence[start + place : start + place + len(piece)].strip(" :")
        for place, piece in _pieces(folded[start:end])
        if _MASK not in piece and not _NOBODY.fullmatch(piece.strip(" :"))
    ]
    return tuple(parties), tuple(filter(None, unknown)), end


def _pieces(clause: str) -> Iterator[tuple[int, str]]:
    """Yield the members of a list and where each stands."""
    place = 0
    for separator in re.finditer(r",|;|\bva\b|$", clause):
        yield place, clause[place : separator.start()]
        place = separator.end()


def _lead_text(sentence: str, folded: str, start: int) -> str:
    """Return the words that stand where the lead should."""
    ends = [match.start() for match in (_ACTION.search(folded, start),) if match]
    ends += [place for mark in (" chu tri", ",", ":") if (place := folded.find(mark, start)) > 0]
    return sentence[start : min(ends, default=len(sentence))].strip(" ,:")[:120]


def _content(sentence: str, start: int) -> str:
    text = sentence[start:].strip(" ,:;.–-")
    return text[0].upper() + text[1:] if len(text) >= 12 else sentence


def _proposals(
    common: ProposedOrder,
    parties: Sequence[Party],
    others: Sequence[Party],
    *,
    is_joint: bool,
    lead_text: str,
) -> list[ProposedOrder]:
    chosen = list(dict.fromkeys(parties))
    if len(chosen) == 0:
        return [replace(common, lead_text=lead_text, cooperators=tuple(others))]
    if is_joint:
        left = tuple(other for other in others if other not in chosen)
        return [replace(common, candidates=tuple(chosen), cooperators=left)]
    return [
        replace(common, lead=lead, cooperators=tuple(other for other in others if other != lead))
        for lead in chosen
    ]
