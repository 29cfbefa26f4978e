"""Show differences, statements, documents and months; only services change them."""

from django.utils.translation import gettext_lazy as _

from backoffice import menu
from closing.admin import (
    adjustment_queue,
    desk,
    differences,
    documents,
    ledger_sources,
    months,
    search,
    statements,
)

menu.register(
    "closing",
    (_("Differences"), "difference", "closing.difference"),
    (_("Statements"), "receipt", "closing.providerstatement"),
    (_("Statement lines"), "list_alt", "closing.statementline"),
    (_("Documents"), "description", "closing.treasurydocument"),
    (_("Adjustments"), "balance", "closing.adjustment"),
    (_("Bonuses with the wages"), "redeem", "closing.payroll"),
    (_("Accounting months"), "event_available", "ledger.period"),
)
