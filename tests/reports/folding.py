"""Do what the job of the reports does, until nothing is left."""

from __future__ import annotations

from reports.folding.buyers import fold_buyers
from reports.folding.movements import fold_transfers
from reports.folding.periods import fold_periods
from reports.folding.sales import fold_sales
from reports.folding.shares import fold_shares
from reports.folding.teams import fold_teams
from reports.folding.visits import fold_visits


def fold_all() -> None:
    steps = (
        fold_periods, fold_transfers, fold_teams, fold_shares, fold_sales, fold_buyers,
        fold_visits,
    )  # fmt: skip
    for step in steps:
        while step():
            pass
