from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from common import clock
from ledger.services import maintenance


class Command(BaseCommand):
    help = _("Recompute every balance from the transfers; exit 1 if anything does not add up.")

    def handle(self, **options: Any) -> None:
        differences = maintenance.prove(at=clock.now())
        for difference in differences:
            self.stderr.write(str(difference))
        if differences:
            raise SystemExit(1)
        self.stdout.write(_("The ledger is sound: every balance is the sum of its transfers."))
