"""``./manage.py export_wallets [FILE]``: export the wallets of all members."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from backoffice.export_command import ExportCommand
from ledger.queries import WALLET_COLUMNS, wallets


class Command(ExportCommand):
    help = _("Export every wallet as CSV: members by their mall id, amounts in fen.")
    columns = WALLET_COLUMNS

    def rows(self) -> Any:
        return wallets()
