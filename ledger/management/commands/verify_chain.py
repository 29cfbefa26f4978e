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
        if broken:
            self.stderr.write(str(broken))
            raise SystemExit(1)
        for period in Period.objects.exclude(hashed_at=None).order_by("month"):
            self.stdout.write(f"{period}  {period.transfer_count}  {period.chain_hash}")
        self.stdout.write(_("All closed months are unchanged."))
