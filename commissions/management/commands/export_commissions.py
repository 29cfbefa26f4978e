"""``./manage.py export_commissions [FILE]``: every commission, in the order of the orders."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from commissions.queries import EXPORT_COLUMNS, export_rows
from backoffice.export import ExportCommand


class Command(ExportCommand):
    help = _("Write every commission as CSV: people by their id in the mall, amounts in fen.")
    columns = EXPORT_COLUMNS

    def rows(self) -> Any:
        return export_rows()
