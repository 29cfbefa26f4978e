"""Order intake: follow one order from ``ingest.ingest_orders`` to its last row.

``ingest`` splits the batch, ``repeats`` repeats it after a deadlock, ``context`` locks and reads,
``validate``, ``revisions`` and ``conflicts`` judge, ``create``, ``lines``, ``update`` and
``refunds`` write, ``filing`` files what was refused.
"""

from orders.intake.conflicts import find_conflicts
from orders.intake.create import OrderWithLines
from orders.intake.errors import (
    ImplausibleTime,
    InvalidOrder,
    OrderIngestionFailed,
    SnapshotConflict,
)
from orders.intake.filing import file_conflicts, find_contradictions
from orders.intake.ingest import IngestionResult, ingest_orders
from orders.intake.repeats import repeat_if_ended
from orders.intake.validate import snapshot_errors
