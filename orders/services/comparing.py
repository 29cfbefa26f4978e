"""Looking before leaping: what would be refused, without taking anything in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from orders.facts import OrderFacts
from orders.services import checks, known, refunds
from orders.services.refusals import FactConflict


def conflicts(facts: Sequence[OrderFacts]) -> Iterator[FactConflict]:
    """Every field in which orders that are known say otherwise; nothing is changed or locked."""
    orders = known.read([one.number for one in facts])
    refunds_known = refunds.numbered([each.number for one in facts for each in one.refunds])
    for one in facts:
        for field, before, given in checks.differences(one, orders.get(one.number), refunds_known):
            yield FactConflict(number=one.number, field=field, known=before, given=given)
