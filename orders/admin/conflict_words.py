"""Name the fields of conflicts as people know them."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orders.models import OrderConflict

LABELS = {
    "buyer": gettext_lazy("buyer"), "placed_at": gettext_lazy("placed at"),
    "paid_at": gettext_lazy("paid at"), "shipped_at": gettext_lazy("shipped at"),
    "received_at": gettext_lazy("received at"), "closed_at": gettext_lazy("closed at"),
    "lines": gettext_lazy("order lines"), "sku": gettext_lazy("SKU"),
    "quantity": gettext_lazy("quantity"), "unit_price": gettext_lazy("unit price"),
    "discount": gettext_lazy("discount of the line"),
    "shipping": gettext_lazy("shipping of the line"), "unit_cost": gettext_lazy("unit cost"),
    "order": gettext_lazy("order"), "line": gettext_lazy("line"), "kind": gettext_lazy("kind"),
    "amount": gettext_lazy("amount"), "freight": gettext_lazy("refunded freight"),
    "requested_at": gettext_lazy("requested at"), "approved_at": gettext_lazy("approved at"),
    "done_at": gettext_lazy("refunded at"), "rejected_at": gettext_lazy("rejected at"),
    "withdrawn_at": gettext_lazy("withdrawn at"),
}  # fmt: skip
"""The names of fields for people, by the last part of their path."""
PART = re.compile(r"(lines|refunds)\[([^\]]*)\]")


def field_words(conflict: OrderConflict) -> str:
    """Return a field in words: ``lines[2].quantity`` is the quantity of line 2."""
    label = str(LABELS.get(conflict.field_name, conflict.field_name))
    part = PART.match(conflict.field)
    if part is None:
        return label
    template = _("%(field)s of line %(number)s")
    if part[1] == "refunds":
        template = _("%(field)s of refund %(number)s")
    return template % {"field": label, "number": part[2]}
