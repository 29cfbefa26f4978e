"""Take awards out of the budgets of their incentives; the last rows that a transaction locks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from common.bulk_insert import update
from common.locks import lock_rows
from incentives.models import Award, Budget, Version
from incentives.services.moves import Move


@dataclass(slots=True)
class Budgets:
    """Locked budgets, by incentive; ``save`` stores what was taken."""

    rows: dict[int, Budget]

    def take(self, move: Move) -> None:
        """Take a gift of a move, or put back what it takes away; refuse what does not fit."""
        row = self.rows[move.award.incentive_id]
        awards = row.awards + _awards(move)
        amount = row.amount + move.money
        if move.change > 0 and not _fits(row, awards, amount):
            move.refusal = Award.Refusal.BUDGET
            return
        row.awards, row.amount = awards, amount

    def put_back(self, move: Move) -> None:
        """Put back what was taken for a move that is not done."""
        row = self.rows[move.award.incentive_id]
        row.awards -= _awards(move)
        row.amount -= move.money

    def save(self) -> None:
        update(list(self.rows.values()), ["awards", "amount"])


def lock_budgets(moves: Sequence[Move]) -> Budgets:
    """Lock the budgets of the incentives that the moves belong to, and read them."""
    incentives = {move.award.incentive_id for move in moves}
    lock_rows(Budget.objects.filter(pk__in=incentives))
    return Budgets(Budget.objects.in_bulk(incentives))


def open_missing_budgets(versions: Iterable[Version]) -> None:
    """Open budgets without limits where a publication has opened none."""
    wanted = {version.incentive_id: version for version in versions}
    known = set(Budget.objects.filter(pk__in=wanted).values_list("pk", flat=True))
    Budget.objects.bulk_create(
        (
            Budget(
                incentive_id=key, awards_limit=version.budget_awards,
                amount_limit=version.budget_amount,
            )
            for key, version in sorted(wanted.items(), key=lambda item: item[0])
            if key not in known
        ),
        ignore_conflicts=True,
    )  # fmt: skip


def _awards(move: Move) -> int:
    """Return how many awards a move adds: 1 if nothing was given before, -1 if nothing stays."""
    before, after = move.award.posted, move.award.posted + move.change
    return int(after > 0) - int(before > 0)


def _fits(row: Budget, awards: int, amount: int) -> bool:
    within_awards = row.awards_limit is None or awards <= max(row.awards_limit, row.awards)
    within_amount = row.amount_limit is None or amount <= max(row.amount_limit, row.amount)
    return within_awards and within_amount
