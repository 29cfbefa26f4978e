"""The room's services. Only ``sync_commissions`` creates commissions and follows orders."""

from commissions.services.back_tests import request_back_test, run_back_tests
from commissions.services.boosts import add_boost, end_boost, highest_boost, move_boosts
from commissions.services.claims import alarm_overdue_claims, answer_claim, open_claim
from commissions.services.closures import decide_closed_order
from commissions.services.conflicts import (
    accept_conflicts,
    agree_to_acceptance,
    dismiss_conflicts,
    refuse_acceptance,
)
from commissions.services.handovers import return_to_draft, reviewers, submit
from commissions.services.holds import release_holds, release_unfrozen
from commissions.services.member_accruals import announce_accruals
from commissions.services.member_clawbacks import record_member_clawbacks
from commissions.services.member_credits import record_member_credits
from commissions.services.merging import due_credits_of, move_due_credits
from commissions.services.plans import discard, draft, publish, record_edit, roll_back_to
from commissions.services.proposals import propose_for_product
from commissions.services.settlement import settle
from commissions.services.sync import sync_commissions
