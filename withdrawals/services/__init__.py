"""From the wish to be paid to the proof that it happened."""

from withdrawals.services.alarms import alarm_overdue
from withdrawals.services.channels import pause, resume
from withdrawals.services.collection import CollectionState, collect, expire_ready, start_approved
from withdrawals.services.debt import cancel_for_debt
from withdrawals.services.errors import (
    Blocked,
    Blocker,
    ChannelPaused,
    ContentChanged,
    InvalidVoucher,
    NoPaymentInProgress,
    NotAllowed,
    NotAnAccount,
    PaymentUnresolved,
    SelfApprovalForbidden,
    VoucherAlreadyUsed,
    WithdrawalKeyReused,
)
from withdrawals.services.evidence import open_voucher
from withdrawals.services.identity import authorize, identify, set_payee, unmask
from withdrawals.services.manual import (
    cancel_at_provider,
    claim_manual_payouts,
    fail,
    mark_paid,
    mark_returned,
    mark_unpaid,
    resend,
    retry_with_new_number,
    took_part_in,
)
from withdrawals.services.manual_resolution import (
    ManualResolutionPending,
    is_stuck,
    propose_manual_resolution,
    refuse_manual_resolution,
    resolve_manually,
)
from withdrawals.services.notifications import handle_notification
from withdrawals.services.policy import InvalidPayoutPolicy, change_policy
from withdrawals.services.quote import Price, Quote, quote, withdrawable
from withdrawals.services.request import cancel, request
from withdrawals.services.review import (
    ApprovalResult,
    approve_as_finance,
    approve_as_operations,
    approve_many,
    reject,
)
from withdrawals.services.send import process_attempt, process_due_attempts, schedule_poll
from withdrawals.services.start import start_payout

__all__ = [
    "ApprovalResult",
    "Blocked",
    "Blocker",
    "ChannelPaused",
    "CollectionState",
    "ContentChanged",
    "InvalidPayoutPolicy",
    "InvalidVoucher",
    "ManualResolutionPending",
    "NoPaymentInProgress",
    "NotAllowed",
    "NotAnAccount",
    "PaymentUnresolved",
    "Price",
    "Quote",
    "SelfApprovalForbidden",
    "VoucherAlreadyUsed",
    "WithdrawalKeyReused",
    "alarm_overdue",
    "approve_as_finance",
    "approve_as_operations",
    "approve_many",
    "authorize",
    "cancel",
    "cancel_at_provider",
    "cancel_for_debt",
    "change_policy",
    "claim_manual_payouts",
    "collect",
    "expire_ready",
    "fail",
    "handle_notification",
    "identify",
    "is_stuck",
    "mark_paid",
    "mark_returned",
    "mark_unpaid",
    "open_voucher",
    "pause",
    "process_attempt",
    "process_due_attempts",
    "propose_manual_resolution",
    "quote",
    "refuse_manual_resolution",
    "reject",
    "request",
    "resend",
    "resolve_manually",
    "resume",
    "retry_with_new_number",
    "schedule_poll",
    "set_payee",
    "start_approved",
    "start_payout",
    "took_part_in",
    "unmask",
    "withdrawable",
]
