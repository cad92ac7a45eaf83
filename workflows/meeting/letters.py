"""Tell whether a giấy mời that is out still says when and where the meeting is."""

import re
from collections.abc import Sequence

from engine.clock import local
from engine.errors import ConflictError, ErrorCode
from engine.model.document import Document, DocumentStatus
from engine.model.meeting import Invitee, Meeting, MeetingPlan
from engine.text import fold
from workflows.meeting.records import ISSUED

_NUMBER = re.compile(r"[0-9]{1,4}")
#: What a letter holds of the place is cut off, so no more of a name is looked for.
_LONGEST = 200


def check_letter(document: Document, plan: MeetingPlan) -> None:
    """Check that an issued giấy mời names the time and the place of the plan.

    People may word it in their own way, so numbers and names are compared, not sentences.

    Raises:
        ConflictError: code MEETING_LETTER_STALE; it names another time or place.
    """
    if document.status is DocumentStatus.CANCELLED or says_plan(document, plan):
        return
    raise ConflictError(
        f"giấy mời {document.id} names another time or place",
        code=ErrorCode.MEETING_LETTER_STALE,
        symbol=document.number.symbol if document.number else "",
    )


def says_plan(document: Document, plan: MeetingPlan) -> bool:
    """Tell whether a giấy mời names the time and the place of the plan."""
    said = document.content.invitation
    return _says_time(said.time, plan) and _says_place(said.place, plan)


def is_letter_due(
    document: Document | None, meeting: Meeting, invitees: Sequence[Invitee]
) -> bool:
    """Tell whether a giấy mời is to be drafted: there is none, or the last one is out of date.

    One that is out is so when it names another time or place, or leaves an agency out.
    """
    if document is None or document.status is DocumentStatus.CANCELLED:
        return True
    if document.status not in ISSUED:
        return False
    known = {meeting.plan.agency_id, *document.content.recipients}
    return not says_plan(document, meeting.plan) or any(
        each.agency_id not in known for each in invitees
    )


def _says_time(text: str, plan: MeetingPlan) -> bool:
    starts = local(plan.starts_at)
    numbers = [int(each) for each in _NUMBER.findall(text)]
    # `8 giờ` says no minutes, and `ngày 05/6` no year.
    hour = [starts.hour, *([starts.minute] if starts.minute else [])]
    year = [starts.year] if any(each > 999 for each in numbers) else []
    return _follow(numbers, hour) and _follow(numbers, [starts.day, starts.month, *year])


def _follow(numbers: Sequence[int], wanted: Sequence[int]) -> bool:
    """Tell whether the wanted numbers stand side by side somewhere, in their order."""
    count = len(wanted)
    return any(
        list(numbers[start : start + count]) == list(wanted)
        for start in range(len(numbers) - count + 1)
    )


def _says_place(text: str, plan: MeetingPlan) -> bool:
    said = fold(text)
    return all(fold(each)[:_LONGEST] in said for each in (plan.room, plan.place))
