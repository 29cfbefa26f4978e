"""``./manage.py reconcile [--day 2026-11-30]``: compare the books with themselves and the world."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext as _

from closing.controls import Finding, format_amount
from closing.services import reconcile
from common import clock


class Command(BaseCommand):
    help = _("Run every daily control, save the differences, and exit 1 if there are any.")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--day",
            type=date.fromisoformat,
            help=_(
                "last day whose payments must be on a statement (YYYY-MM-DD, default: yesterday)"
            ),
        )

    def handle(self, *, day: date | None, **options: Any) -> None:
        now = clock.now()
        findings = reconcile(day=day or clock.business_day(now) - timedelta(days=1), at=now)
        for control, rows in findings.items():
            self.stdout.write(f"{'✗' if rows else '✓'} {control.label}")
            for finding in rows:
                self.stdout.write(
                    "    "
                    + _("%(subject)s: expected %(expected)s, actual %(actual)s")
                    % {
                        "subject": finding.subject,
                        "expected": _format(finding, finding.expected),
                        "actual": _format(finding, finding.actual),
                    }
                )
        count = sum(map(len, findings.values()))
        if count:
            self.stderr.write(_("%(count)s differences") % {"count": count})
            raise SystemExit(1)
        self.stdout.write(_("No differences."))


def _format(finding: Finding, minor: int | None) -> str:
    return format_amount(minor, control=finding.control, subject=finding.subject)
