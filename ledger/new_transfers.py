"""Follow the transfers by their keys, without passing one that is still being written."""

from __future__ import annotations

from django.db.models import Max
from django.db.models.functions import Coalesce

from common.writers import writing_transactions
from ledger.models import Transfer, TransferPosition


def advance(position: TransferPosition, *, limit: int) -> tuple[int, int]:
    """Move a position by at most ``limit`` keys. One reader at a time; the caller saves it.

    Keys are drawn before the commit. So it stops at a key below which none can appear any more:
    every transaction that was writing transfers when that key was the highest has ended since.

    :returns: the keys that were passed: above the first number, up to the second
    """
    after = position.last_transfer
    highest = Transfer.objects.aggregate(key=Coalesce(Max("pk"), 0))["key"]
    # Looked up after the key: a writer that ended in between is visible to the next statement.
    writing = writing_transactions("ledger_transfer")
    if position.tip == position.last_transfer:
        position.tip, position.writers = highest, writing
    if not set(position.writers) & set(writing):
        position.last_transfer = min(position.tip, after + limit)
    return after, position.last_transfer
