"""``./manage.py health``: say whether money moves; exit with code 1 if something stops it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.translation import gettext as _

from alarms.kinds import REGISTRY
from common import clock
from config import status
from config.jobs import JobState
from config.status import Age


class Command(BaseCommand):
    help = "Say whether money moves, and exit with code 1 if something stops it."

    def handle(self, **options: Any) -> None:
        state = status.collect(at=clock.now())
        for age in state.ages:
            self._line(age.stops_money, _age_line(age))
        for job in state.jobs:
            self._line(job.stops_money, _job_line(job))
        for kind, count in state.alarms.items():
            if kind in state.late:
                self._line(True, f"{REGISTRY[kind].title} ({count})")
        open_alarms = {kind: count for kind, count in state.alarms.items() if count}
        for title, counts in ((_("alarms"), open_alarms), (_("holds"), state.holds)):
            shown = ", ".join(f"{kind} {count}" for kind, count in counts.items())
            self.stdout.write(f"      {title}: {shown or 0}")
        self.stdout.write(f"      {_('differences')}: {state.differences}")
        self.stdout.write(f"      {_('conflicts')}: {state.conflicts}")
        if state.late:
            raise SystemExit(1)

    def _line(self, stops_money: bool, text: str) -> None:
        if stops_money:
            self.stdout.write(self.style.ERROR(f"LATE  {text}"))
        else:
            self.stdout.write(f"ok    {text}")


def _age_line(age: Age) -> str:
    return _("%(label)s: %(seconds)s s (limit %(limit)s s)") % {
        "label": age.label,
        "seconds": age.seconds,
        "limit": age.limit,
    }


def _job_line(job: JobState) -> str:
    text = _("%(job)s: last finished %(moment)s") % {
        "job": job.name,
        "moment": _moment(job.finished_at),
    }
    return text + (f" ({_('late')})" if job.is_late else "")


def _moment(at: datetime | None) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M:%S}" if at else _("never")
