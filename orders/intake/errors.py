"""The reasons why one order of a batch is refused. The rest of the batch goes on."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from common.errors import TwotierError


class SnapshotConflict(TwotierError):
    code = "snapshot_conflict"
    message = _(
        "Order %(number)s is known with another %(field)s: %(known)s, not %(given)s."
        " Nothing was changed."
    )


class InvalidOrder(TwotierError):
    code = "invalid_order"
    message = _("Order %(number)s cannot be taken in: %(what)s.")
    status = 422


class ImplausibleTime(TwotierError):
    code = "implausible_time"
    message = _(
        "Order %(number)s was not taken in: %(what)s. Are a day and a month swapped? Correct the"
        " time and send the order again."
    )
    status = 422


class OrderIngestionFailed(TwotierError):
    code = "order_ingestion_failed"
    message = _(
        "Order %(number)s could not be taken in because of a fault on our side (%(rule)s)."
        " The others were; send it again."
    )
    status = 500
