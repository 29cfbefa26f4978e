"""The room's verbs. Orders come in through ``put_orders``, and through nothing else."""

from orders.services.alarms import alarm_overdue_refunds
from orders.services.checks import faults
from orders.services.comparing import conflicts
from orders.services.completion import complete
from orders.services.put import Outcome, put_orders
from orders.services.refusals import FactConflict, NotAnOrder, NotTaken

__all__ = [
    "FactConflict",
    "NotAnOrder",
    "NotTaken",
    "Outcome",
    "alarm_overdue_refunds",
    "complete",
    "conflicts",
    "faults",
    "put_orders",
]
