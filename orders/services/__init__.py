"""The verbs of the room. Orders come in only through ``ingest_orders``."""

from orders.intake import (
    IngestionResult,
    InvalidOrder,
    OrderIngestionFailed,
    OrderWithLines,
    SnapshotConflict,
    find_conflicts,
    ingest_orders,
    validation_errors,
)
from orders.services.alarms import alarm_overdue_refunds
from orders.services.completion import complete

__all__ = [
    "IngestionResult",
    "InvalidOrder",
    "OrderIngestionFailed",
    "OrderWithLines",
    "SnapshotConflict",
    "alarm_overdue_refunds",
    "complete",
    "find_conflicts",
    "ingest_orders",
    "validation_errors",
]
