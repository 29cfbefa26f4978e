"""``./manage.py verify_chain``: verify the hash chain of closed months."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from ledger import hash_chain
from ledger.models import Period


class Command(BaseCommand):
    help = _("Recompute the hash of every closed month; exit 1 at the first mismatch.")

    def handle(self, **options: Any) -> None:
        broken = hash_chain.first_break()
        if broken and broken.recorded is None:
            self.stderr.write(
                _("%(month)s is closed but has no hash.") % {"month": f"{broken.month:%Y-%m}"}
            )
        elif broken and broken.recorded:
            self.stderr.write(
                _(
                    "%(month)s has changed since it was closed: %(recorded)s transfers were"
                    " recorded, now there are %(actual)s; hash %(recorded_hash)s is now"
                    " %(actual_hash)s."
                )
                % {
                    "month": f"{broken.month:%Y-%m}",
                    "recorded": broken.recorded.transfer_count,
                    "actual": broken.computed.transfer_count,
                    "recorded_hash": broken.recorded.chain_hash,
                    "actual_hash": broken.computed.chain_hash,
                }
            )
        if broken:
            raise SystemExit(1)
        for period in Period.objects.exclude(hashed_at=None).order_by("month"):
            self.stdout.write(f"{period}  {period.transfer_count}  {period.chain_hash}")
        self.stdout.write(_("All closed months are unchanged."))
