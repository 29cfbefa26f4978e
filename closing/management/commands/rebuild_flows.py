"""``./manage.py rebuild_flows``: compute the flows of all days again, or check them."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext as _

from closing import day_flows


class Command(BaseCommand):
    help = _("Compute the flows of all days from the transfers; --check only compares.")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help=_("compare, change nothing"))

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        if not check:
            day_flows.rebuild()
        differences = day_flows.differences()
        for line in differences:
            self.stdout.write(line)
        if differences:
            sys.exit(1)
        self.stdout.write(_("All days add up to their transfers."))
