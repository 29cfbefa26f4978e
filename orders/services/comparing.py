"""Looking before leaping: what would be refused, without taking anything in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from orders.services import checks, known, refunds
from orders.services.errors import SnapshotConflict
from orders.snapshots import OrderSnapshot


def find_conflicts(facts: Sequence[OrderSnapshot]) -> Iterator[SnapshotConflict]:
    """Every field in which orders that are known say otherwise; nothing is changed or locked."""
    orders = known.read([one.number for one in facts])
    refunds_known = refunds.numbered([each.number for one in facts for each in one.refunds])
    for one in facts:
        for field, before, given in checks.differences(one, orders.get(one.number), refunds_known):
            yield SnapshotConflict(number=one.number, field=field, known=before, given=given)
