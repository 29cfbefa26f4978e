from celery import shared_task

from common.batches import run_until_idle
from reports.folding.buyers import fold_buyers
from reports.folding.movements import fold_transfers
from reports.folding.periods import fold_periods
from reports.folding.sales import fold_sales
from reports.folding.shares import fold_shares
from reports.folding.teams import fold_teams
from reports.folding.visits import fold_visits


@shared_task
def fold_changes() -> None:
    run_until_idle(fold_periods)
    run_until_idle(fold_transfers)
    run_until_idle(fold_teams)
    run_until_idle(fold_shares)
    run_until_idle(fold_sales)
    run_until_idle(fold_buyers)
    run_until_idle(fold_visits)
