"""``./manage.py settle``: credit due commissions, as the worker does every minute."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext as _

from commissions.services import settle
from common import clock
from common.clock import aware_datetime


class Command(BaseCommand):
    help = _("Credit the commissions whose protection period has ended.")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--at", type=aware_datetime, metavar="TIME",
            help=_("as of this time instead of now (ISO 8601 with offset)"),
        )  # fmt: skip

    def handle(self, *, at: datetime | None, **options: Any) -> None:
        due_at = at or clock.now()
        total = 0
        while count := settle(at=due_at):
            total += count
            self.stdout.write(_("%(count)s commissions …") % {"count": total})
        self.stdout.write(
            self.style.SUCCESS(_("Settled %(count)s commissions.") % {"count": total})
        )
