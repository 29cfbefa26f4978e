"""Do what the job of the reports does, until nothing is left."""

from __future__ import annotations

from reports.movements import fold_transfers
from reports.services import fold
from reports.share_folding import fold_shares
from reports.team_folding import fold_teams


def fold_all() -> None:
    for step in (fold, fold_transfers, fold_teams, fold_shares):
        while step():
            pass
