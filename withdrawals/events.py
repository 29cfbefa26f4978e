"""The events that ``withdrawals`` records."""

from events.declarations import EventType

WITHDRAWALS_AUTHORIZED = EventType("withdrawals.authorized", fields={"payee": str})
WITHDRAWALS_CANCEL_REQUESTED = EventType(
    "withdrawals.cancel_requested", fields={"number": str, "reply": str}
)
WITHDRAWALS_CHANNEL_PAUSED = EventType("withdrawals.channel_paused", fields={"pause_reason": str})
WITHDRAWALS_CHANNEL_RESUMED = EventType("withdrawals.channel_resumed")
WITHDRAWALS_IDENTIFIED = EventType(
    "withdrawals.identified", fields={"id_number": str, "real_name": str}
)
WITHDRAWALS_MANUAL_RESOLUTION_PROPOSED = EventType(
    "withdrawals.manual_resolution_proposed", fields={"number": str, "paid": str, "reason": str}
)
WITHDRAWALS_MANUAL_RESOLUTION_REFUSED = EventType(
    "withdrawals.manual_resolution_refused", fields={"number": str}
)
WITHDRAWALS_MANUALLY_RESOLVED = EventType(
    "withdrawals.manually_resolved", fields={"number": str, "paid": str, "proposer": str}
)
WITHDRAWALS_MARKED_PAID = EventType("withdrawals.marked_paid")
WITHDRAWALS_MARKED_UNPAID = EventType("withdrawals.marked_unpaid", fields={"reason": str})
WITHDRAWALS_PAID = EventType("withdrawals.paid", fields={"net": str})
WITHDRAWALS_PAYEE_SET = EventType(
    "withdrawals.payee_set", fields={"account": str, "channel": str, "payee": str}
)
WITHDRAWALS_PAYING = EventType("withdrawals.paying", fields={"gateway": str, "number": str})
WITHDRAWALS_PAYOUT_FAILED = EventType(
    "withdrawals.payout_failed", fields={"number": str, "reason": str, "failure_class": str}
)
WITHDRAWALS_PAYOUT_REFUSED = EventType(
    "withdrawals.payout_refused", fields={"code": str, "evidence": str, "number": str}
)
WITHDRAWALS_READY_TO_COLLECT = EventType("withdrawals.ready_to_collect")
WITHDRAWALS_REPLY_MISMATCH = EventType(
    "withdrawals.reply_mismatch", fields={"evidence": str, "number": str}
)
WITHDRAWALS_REQUESTED = EventType(
    "withdrawals.requested", fields={"fee": str, "gross": str, "tax": str}
)
WITHDRAWALS_RESENT = EventType("withdrawals.resent")
WITHDRAWALS_RETRIED_WITH_NEW_NUMBER = EventType("withdrawals.retried_with_new_number")
WITHDRAWALS_RETURNED = EventType("withdrawals.returned", fields={"gross": str, "proof": str})
WITHDRAWALS_REVIEW_RESTARTED = EventType("withdrawals.review_restarted", fields={"reason": str})
WITHDRAWALS_UNMASKED = EventType("withdrawals.unmasked", fields={"reason": str})
WITHDRAWALS_VOUCHER_OPENED = EventType("withdrawals.voucher_opened")
WITHDRAWALS_PAYOUT_OVERDUE = EventType("withdrawals.payout_overdue")
WITHDRAWALS_OUTCOME_MISMATCH = EventType("withdrawals.outcome_mismatch")
WITHDRAWALS_PAYOUT_START_FAILED = EventType("withdrawals.payout_start_failed")
WITHDRAWALS_CANCELLED = EventType("withdrawals.cancelled")
WITHDRAWALS_REJECTED = EventType("withdrawals.rejected")
WITHDRAWALS_FAILED = EventType("withdrawals.failed")
WITHDRAWALS_OPS_APPROVED = EventType("withdrawals.ops_approved")
WITHDRAWALS_FINANCE_APPROVED = EventType("withdrawals.finance_approved")
WITHDRAWALS_FINANCE_APPROVED_ONCE = EventType("withdrawals.finance_approved_once")
WITHDRAWALS_POLICY_CHANGED = EventType("withdrawals.policy_changed")
