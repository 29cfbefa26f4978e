"""Request, review, pay and prove withdrawals; most errors are in ``withdrawals.errors``."""

from withdrawals.options import options
from withdrawals.payouts.alarms import alarm_overdue_payouts, alarm_stopped_payouts
from withdrawals.payouts.authorization_polls import poll_authorizations
from withdrawals.payouts.authorizations import (
    ask_authorization,
    check_authorization,
    close_authorization,
)
from withdrawals.payouts.batch_results import apply_result, mark_batch_paid, preview_result
from withdrawals.payouts.batches import create_batch, export_batch
from withdrawals.payouts.channels import pause_channel, resume_channel
from withdrawals.payouts.collect import (
    check_payment,
    collect,
    expire_uncollected_withdrawals,
    start_approved_payouts,
)
from withdrawals.payouts.evidence import open_voucher
from withdrawals.payouts.manual import (
    claim_manual_payouts,
    mark_paid,
    mark_returned,
    mark_unpaid,
    took_part_in,
)
from withdrawals.payouts.notifications import handle_notification
from withdrawals.payouts.resolve import (
    is_stuck,
    propose_manual_resolution,
    refuse_manual_resolution,
    resolve_manually,
)
from withdrawals.payouts.retry import (
    cancel_at_provider,
    fail_withdrawal,
    resend,
    retry_with_new_number,
)
from withdrawals.payouts.send import process_attempt, process_due_attempts, schedule_poll
from withdrawals.payouts.start import start_payout
from withdrawals.requests.identity import (
    authorize,
    identify,
    set_own_payee,
    set_payee,
    unmask,
    unmask_payee,
)
from withdrawals.requests.policy import change_policy
from withdrawals.requests.quote import preview_quote, quote
from withdrawals.requests.request import (
    cancel,
    cancel_again,
    cancel_for_debt,
    cancel_if_owing,
    request_withdrawal,
)
from withdrawals.requests.review import (
    approve_as_finance,
    approve_as_operations,
    approve_many,
    reject,
)
