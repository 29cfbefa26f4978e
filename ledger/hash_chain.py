"""Compute the hash chain of closed months, which makes later changes evident.

A month's content hash is the SHA-256 over one line for each transfer that is effective in it, in
id order: the JSON array of ``COLUMNS`` without spaces, times in UTC with microseconds. Its chain
hash is the SHA-256 over the line ``[chain hash of the month before, month, number of transfers,
content hash]``; before the first month, the chain hash is empty.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.utils.translation import gettext as _

from ledger.models import Period, Transfer

COLUMNS = (
    "id", "key", "debit_id", "credit_id", "asset", "amount", "reason", "source_kind", "source_id",
    "effective_at", "occurred_at", "created_at", "debit_balance_after", "credit_balance_after",
    "reverses_id",
)  # fmt: skip


@dataclass(frozen=True)
class PeriodHash:
    transfer_count: int
    content_hash: str
    chain_hash: str


@dataclass(frozen=True)
class ChainBreak:
    """The first month whose recorded hash is wrong, or missing (``recorded`` is ``None``)."""

    month: date
    recorded: PeriodHash | None
    computed: PeriodHash

    def __str__(self) -> str:
        month = f"{self.month:%Y-%m}"
        if self.recorded is None:
            return _("%(month)s is closed but has no hash.") % {"month": month}
        return _(
            "%(month)s has changed since it was closed: %(recorded)s transfers were recorded, now"
            " there are %(actual)s; hash %(recorded_hash)s is now %(actual_hash)s."
        ) % {
            "month": month,
            "recorded": self.recorded.transfer_count,
            "actual": self.computed.transfer_count,
            "recorded_hash": self.recorded.chain_hash,
            "actual_hash": self.computed.chain_hash,
        }


def compute_period_hash(period: Period, before: Period | None) -> PeriodHash:
    """Compute the hash of a month from its transfers and the recorded hash of the month before."""
    rows = Transfer.objects.filter(effective_at__lt=period.ends_at).order_by("pk")
    if before is not None:
        rows = rows.filter(effective_at__gte=before.ends_at)
    content_hash, count = _hash_rows(rows.values_list(*COLUMNS).iterator(chunk_size=5_000))
    earlier = before.chain_hash if before else ""
    chain = hashlib.sha256(_line([earlier, period.month.isoformat(), count, content_hash]))
    return PeriodHash(count, content_hash, chain.hexdigest())


def first_break() -> ChainBreak | None:
    """Recompute every closed month; return the first mismatch, or ``None``."""
    before: Period | None = None
    for period in Period.objects.filter(closed_at__isnull=False).order_by("month"):
        computed = compute_period_hash(period, before)
        if period.hashed_at is None or period.transfer_count is None:
            return ChainBreak(period.month, None, computed)
        recorded = PeriodHash(period.transfer_count, period.content_hash, period.chain_hash)
        if computed != recorded:
            return ChainBreak(period.month, recorded, computed)
        before = period
    return None


def _hash_rows(rows: Iterable[tuple[Any, ...]]) -> tuple[str, int]:
    sha, count = hashlib.sha256(), 0
    for row in rows:
        sha.update(_line([_text(value) for value in row]))
        count += 1
    return sha.hexdigest(), count


def _text(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return value


def _line(values: list[Any]) -> bytes:
    return (json.dumps(values, ensure_ascii=False, separators=(",", ":")) + "\n").encode()
