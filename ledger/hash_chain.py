"""The closed months, chained: whoever changes what has been sealed is found out.

A month's content is the SHA-256 over one line for each transfer that is effective in it, in the
order of their numbers: the JSON array of ``COLUMNS``, without blanks, times in UTC with
microseconds. Its chain is the SHA-256 over the line ``[chain of the month before, month, number of
transfers, content]``; the first month's has an empty chain before it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from ledger.models import Period, Transfer

COLUMNS = (
    "id", "key", "debit_id", "credit_id", "asset", "amount", "reason", "source_kind", "source_id",
    "effective_at", "occurred_at", "created_at", "debit_balance_after", "credit_balance_after",
    "reverses_id",
)  # fmt: skip


@dataclass(frozen=True)
class PeriodHash:
    transfers: int
    content_hash: str
    chain: str


@dataclass(frozen=True)
class ChainBreak:
    """Where the chain breaks first: what was sealed, and what is there now."""

    month: date
    sealed: PeriodHash | None
    found: PeriodHash

    def __str__(self) -> str:
        if self.sealed is None:
            return f"{self.month:%Y-%m}: closed, and not sealed"
        return (
            f"{self.month:%Y-%m}: {self.sealed.transfers} transfers were sealed as"
            f" {self.sealed.chain}, {self.found.transfers} are there as {self.found.chain}"
        )


def compute_period_hash(period: Period, before: Period | None) -> PeriodHash:
    """What the month's transfers come to now, chained to what the month before was sealed as."""
    rows = Transfer.objects.filter(effective_at__lt=period.ends_at).order_by("pk")
    if before is not None:
        rows = rows.filter(effective_at__gte=before.ends_at)
    content_hash, count = _hashed(rows.values_list(*COLUMNS).iterator(chunk_size=5_000))
    earlier = before.chain if before else ""
    chain = hashlib.sha256(_line([earlier, period.month.isoformat(), count, content_hash]))
    return PeriodHash(count, content_hash, chain.hexdigest())


def first_break() -> ChainBreak | None:
    """Recompute every closed month; ``None`` when all are as they were sealed."""
    before: Period | None = None
    for period in Period.objects.filter(closed_at__isnull=False).order_by("month"):
        found = compute_period_hash(period, before)
        if period.hashed_at is None or period.transfers is None:
            return ChainBreak(period.month, None, found)
        sealed = PeriodHash(period.transfers, period.content_hash, period.chain)
        if found != sealed:
            return ChainBreak(period.month, sealed, found)
        before = period
    return None


def _hashed(rows: Iterable[tuple[Any, ...]]) -> tuple[str, int]:
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
