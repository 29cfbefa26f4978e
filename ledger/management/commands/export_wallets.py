"""``./manage.py export_wallets [FILE]``: what every member has, by asset."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from backoffice.export import ExportCommand
from ledger.queries import WALLET_COLUMNS, wallets


class Command(ExportCommand):
    help = _("Write every wallet as CSV: people by their id in the mall, amounts in fen.")
    columns = WALLET_COLUMNS

    def rows(self) -> Any:
        return wallets()
