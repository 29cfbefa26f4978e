from celery import shared_task

from common.batches import run_until_idle
from reports.buyer_folding import fold_buyers
from reports.movements import fold_transfers
from reports.sales_folding import fold_sales
from reports.services import fold
from reports.share_folding import fold_shares
from reports.team_folding import fold_teams
from reports.visit_folding import fold_visits


@shared_task
def fold_changes() -> None:
    run_until_idle(fold)
    run_until_idle(fold_transfers)
    run_until_idle(fold_teams)
    run_until_idle(fold_shares)
    run_until_idle(fold_sales)
    run_until_idle(fold_buyers)
    run_until_idle(fold_visits)
