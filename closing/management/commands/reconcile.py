"""``./manage.py reconcile [--day 2026-11-30]``: do the books agree, inside and with the bills?"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext as _

from closing.controls import Finding
from closing.display import format_amount
from closing.services import reconcile
from common import clock


class Command(BaseCommand):
    help = _("Ask every daily control; keep what does not agree, and exit 1.")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--day",
            type=date.fromisoformat,
            help=_("the last day whose payments must be in a bill (YYYY-MM-DD); else yesterday"),
        )

    def handle(self, *, day: date | None, **options: Any) -> None:
        now = clock.now()
        found = reconcile(day=day or clock.business_day(now) - timedelta(days=1), at=now)
        for control, findings in found.items():
            self.stdout.write(f"{'✗' if findings else '✓'} {control.label}")
            for finding in findings:
                self.stdout.write(
                    "    "
                    + _("%(where)s: expected %(expected)s, found %(found)s")
                    % {
                        "where": finding.subject,
                        "expected": _format(finding, finding.expected),
                        "found": _format(finding, finding.found),
                    }
                )
        count = sum(map(len, found.values()))
        if count:
            self.stderr.write(_("%(count)s differences") % {"count": count})
            raise SystemExit(1)
        self.stdout.write(_("Everything agrees."))


def _format(finding: Finding, minor: int | None) -> str:
    return format_amount(minor, control=finding.control, subject=finding.subject)
