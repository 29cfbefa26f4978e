"""Do what the job of the reports does, until nothing is left."""

from __future__ import annotations

from reports.buyer_folding import fold_buyers
from reports.movements import fold_transfers
from reports.sales_folding import fold_sales
from reports.services import fold
from reports.share_folding import fold_shares
from reports.team_folding import fold_teams
from reports.visit_folding import fold_visits


def fold_all() -> None:
    steps = (
        fold, fold_transfers, fold_teams, fold_shares, fold_sales, fold_buyers, fold_visits,
    )  # fmt: skip
    for step in steps:
        while step():
            pass
