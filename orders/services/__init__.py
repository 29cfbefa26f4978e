"""The room's verbs. Orders come in through ``ingest_orders``, and through nothing else."""

from orders.services.alarms import alarm_overdue_refunds
from orders.services.checks import validation_errors
from orders.services.comparing import find_conflicts
from orders.services.completion import complete
from orders.services.errors import InvalidOrder, OrderIngestionFailed, SnapshotConflict
from orders.services.put import IngestionResult, ingest_orders

__all__ = [
    "IngestionResult",
    "InvalidOrder",
    "OrderIngestionFailed",
    "SnapshotConflict",
    "alarm_overdue_refunds",
    "complete",
    "find_conflicts",
    "ingest_orders",
    "validation_errors",
]
