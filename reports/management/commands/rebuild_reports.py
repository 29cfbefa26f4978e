"""``./manage.py rebuild_reports``: compute all figures again, or check them."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext as _

from reports.services import differences, rebuild


class Command(BaseCommand):
    help = _("Compute all figures from the rows; --check only compares.")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help=_("compare, change nothing"))

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        if not check:
            rebuild()
        found = differences()
        for line in found:
            self.stdout.write(line)
        if found:
            sys.exit(1)
        self.stdout.write(_("All figures add up to the rows."))
