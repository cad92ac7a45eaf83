"""Tell what a quarter came to: how each procedure went, and the indicators of the city."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from engine.clock import local
from engine.model.indicators import INDICATORS, IndicatorValue, Period
from webui.bootstrap import House
from webui.i18n import translate
from webui.indicator_words import WORDS, value_text
from webui.progress import say
from workflows.reading.view_indicators import indicators, procedures

_MARKER = "quarter.json"


@dataclass(frozen=True, kw_only=True)
class QuarterOutcome:
    """Hold what was acted, and what the house says of it now.

    Args:
        acted: how often the people of the city did what.
        stopped: what could not go on, each with when and why; empty when all went well.
        procedures: per procedure its instances, those completed and those overdue.
    """

    period: Period
    acted: Mapping[str, int]
    stopped: Sequence[str]
    procedures: Mapping[str, Mapping[str, int]]
    indicators: Sequence[IndicatorValue]

    def summary(self) -> Mapping[str, object]:
        """Return what `--json` prints besides the documents of the day."""
        return {
            "period": {
                "from": self.period.since.isoformat(),
                "to": self.period.until.isoformat(),
            },
            "acted": dict(self.acted),
            "stopped": list(self.stopped),
            "procedures": {name: dict(row) for name, row in self.procedures.items()},
            "indicators": {each.id.value: _plain(each) for each in self.indicators},
        }

    def say(self) -> None:
        """Print the indicators, in both languages."""
        say("")
        since, until = self.period.since, self.period.until
        say(f"Chỉ số / indicators {since:%d/%m/%Y} – {until:%d/%m/%Y}")
        for each in self.indicators:
            name = WORDS[each.id].name
            say(f"  {value_text(each, 'vi'):>18}  {name} / {translate(name, 'en')}")
        for line in self.stopped:
            say(f"  dừng / stopped: {line}")
        for name, row in self.procedures.items():
            say(
                f"  {name:<12} {row['instances']:>6} hồ sơ / instances, {row['completed']} xong / "
                f"completed, {row['overdue']} quá hạn / overdue"
            )


def mark_begun(data_dir: Path) -> None:
    """Note in the data directory that a quarter is being acted there."""
    _write(data_dir, {"begun": True})


def mark_acted(
    data_dir: Path, since: date, acted: Mapping[str, int], stopped: Sequence[str]
) -> None:
    """Note in the data directory that a quarter was acted to its end."""
    told = {"since": since.isoformat(), "acted": dict(sorted(acted.items()))}
    _write(data_dir, {**told, "stopped": list(stopped)})


def was_cut_short(data_dir: Path) -> bool:
    """Tell whether a quarter was begun there and never ended."""
    return "begun" in _read(data_dir)


def has_quarter(data_dir: Path) -> bool:
    """Tell whether the data directory holds a quarter acted to its end."""
    return "since" in _read(data_dir)


def _write(data_dir: Path, marker: Mapping[str, object]) -> None:
    content = json.dumps(marker, ensure_ascii=False)
    (data_dir / _MARKER).write_text(content, encoding="utf-8")


def _read(data_dir: Path) -> Mapping[str, Any]:
    path = data_dir / _MARKER
    found: Mapping[str, Any] = (
        json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    )
    return found


def read_outcome(house: House) -> QuarterOutcome:
    """Return what the quarter in a house came to, as of now."""
    marker = _read(house.settings.data_dir)
    now = house.clock.now()
    period = Period(since=date.fromisoformat(marker["since"]), until=local(now).date())
    with house.start_reading() as work:
        return QuarterOutcome(
            period=period,
            acted=marker["acted"],
            stopped=marker["stopped"],
            procedures=procedures(work, now),
            indicators=indicators(work, period, now=now),
        )


def _plain(value: IndicatorValue) -> Mapping[str, object]:
    fixed = INDICATORS[value.id]
    return {
        "value": value.value,
        "measure": fixed.measure.value,
        "counted": value.counted,
        "total": value.total,
        "target": value.target,
        "reference_2015": fixed.reference,
    }
