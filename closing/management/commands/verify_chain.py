"""``./manage.py verify_chain``: are the closed months as they were sealed?"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from ledger import hash_chain
from ledger.models import Period


class Command(BaseCommand):
    help = _("Recompute the seal of every closed month; exit 1 at the first that is broken.")

    def handle(self, **options: Any) -> None:
        broken = hash_chain.first_break()
        if broken and broken.sealed is None:
            self.stderr.write(
                _("%(month)s is closed and was not sealed.") % {"month": f"{broken.month:%Y-%m}"}
            )
        elif broken and broken.sealed:
            self.stderr.write(
                _(
                    "%(month)s is not what was sealed: %(sealed)s transfers then, %(found)s now;"
                    " %(before)s is %(after)s."
                )
                % {
                    "month": f"{broken.month:%Y-%m}",
                    "sealed": broken.sealed.transfers,
                    "found": broken.found.transfers,
                    "before": broken.sealed.chain,
                    "after": broken.found.chain,
                }
            )
        if broken:
            raise SystemExit(1)
        sealed = Period.objects.exclude(hashed_at=None)
        for period in sealed.order_by("month"):
            self.stdout.write(f"{period}  {period.transfers}  {period.chain}")
        self.stdout.write(_("Every closed month is as it was sealed."))
