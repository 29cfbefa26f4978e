"""Declare the events that ``withdrawals`` records."""

from events.declarations import EventType

WITHDRAWALS_REQUESTED = EventType(
    "withdrawals.requested",
    subject="withdrawals.withdrawal",
    fields={"gross": int, "tax": int, "fee": int},
    description="A member requested a withdrawal.",
)
WITHDRAWALS_OPS_APPROVED = EventType(
    "withdrawals.ops_approved",
    subject="withdrawals.withdrawal",
    fields={"content_hash": str},
    description="Operations approved.",
)
WITHDRAWALS_FINANCE_APPROVED_ONCE = EventType(
    "withdrawals.finance_approved_once",
    subject="withdrawals.withdrawal",
    fields={"content_hash": str},
    description="The first of two finance reviewers approved.",
)
WITHDRAWALS_FINANCE_APPROVED = EventType(
    "withdrawals.finance_approved",
    subject="withdrawals.withdrawal",
    fields={"content_hash": str},
    description="Finance approved.",
)
WITHDRAWALS_REVIEW_RESTARTED = EventType(
    "withdrawals.review_restarted",
    subject="withdrawals.withdrawal",
    fields={"reason": str},
    description="The payee, the amount or the tax changed, so the reviews start again.",
)
WITHDRAWALS_REJECTED = EventType(
    "withdrawals.rejected",
    subject="withdrawals.withdrawal",
    fields={"end_reason": str},
    description="A reviewer rejected; the money is back in the wallet.",
)
WITHDRAWALS_CANCELLED = EventType(
    "withdrawals.cancelled",
    subject="withdrawals.withdrawal",
    fields={"end_reason": str},
    description="It was cancelled; the money is back in the wallet.",
)
WITHDRAWALS_FAILED = EventType(
    "withdrawals.failed",
    subject="withdrawals.withdrawal",
    fields={"end_reason": str},
    description="The payout failed; the money is back in the wallet.",
)
WITHDRAWALS_READY_TO_COLLECT = EventType(
    "withdrawals.ready_to_collect",
    subject="withdrawals.withdrawal",
    description="The member may collect.",
)
WITHDRAWALS_PAYING = EventType(
    "withdrawals.paying",
    subject="withdrawals.withdrawal",
    fields={"number": str, "gateway": str},
    description="A payout started.",
)
WITHDRAWALS_PAYOUT_START_FAILED = EventType(
    "withdrawals.payout_start_failed",
    subject="withdrawals.withdrawal",
    description="A payout could not be started.",
)
WITHDRAWALS_PAYOUT_FAILED = EventType(
    "withdrawals.payout_failed",
    subject="withdrawals.withdrawal",
    fields={"number": str, "reason": str, "failure_class": str},
    description="The provider proved that an attempt was not paid.",
)
WITHDRAWALS_PAYOUT_REFUSED = EventType(
    "withdrawals.payout_refused",
    subject="withdrawals.withdrawal",
    fields={"number": str, "code": str, "evidence": int},
    description="The provider refused an attempt; a person must decide.",
)
WITHDRAWALS_PAYOUT_OVERDUE = EventType(
    "withdrawals.payout_overdue",
    subject="withdrawals.attempt",
    fields={"hours": int},
    description="An attempt has had no outcome for too long.",
)
WITHDRAWALS_REPLY_MISMATCH = EventType(
    "withdrawals.reply_mismatch",
    subject="withdrawals.withdrawal",
    fields={"number": str, "evidence": int},
    description="A reply does not match the payout instruction.",
)
WITHDRAWALS_OUTCOME_MISMATCH = EventType(
    "withdrawals.outcome_mismatch",
    subject="withdrawals.withdrawal",
    fields={"number": str, "code": str},
    description="The provider reports another outcome than the recorded one.",
)
WITHDRAWALS_PAID = EventType(
    "withdrawals.paid",
    subject="withdrawals.withdrawal",
    fields={"net": int},
    description="The provider proved the payment.",
)
WITHDRAWALS_RETURNED = EventType(
    "withdrawals.returned",
    subject="withdrawals.withdrawal",
    fields={"proof": int, "gross": int},
    description="A paid payout came back.",
)
WITHDRAWALS_RETRIED_WITH_NEW_NUMBER = EventType(
    "withdrawals.retried_with_new_number",
    subject="withdrawals.withdrawal",
    description="A person started a new attempt after a proven failure.",
)
WITHDRAWALS_RESENT = EventType(
    "withdrawals.resent",
    subject="withdrawals.withdrawal",
    description="A person sent an attempt again under the same number.",
)
WITHDRAWALS_CANCEL_REQUESTED = EventType(
    "withdrawals.cancel_requested",
    subject="withdrawals.withdrawal",
    fields={"number": str, "reply": str},
    description="A person asked the provider to cancel an attempt.",
)
WITHDRAWALS_MARKED_PAID = EventType(
    "withdrawals.marked_paid",
    subject="withdrawals.withdrawal",
    description="Finance marked a manual payout as paid.",
)
WITHDRAWALS_MARKED_UNPAID = EventType(
    "withdrawals.marked_unpaid",
    subject="withdrawals.withdrawal",
    fields={"reason": str},
    description="Finance marked a manual payout as not paid.",
)
WITHDRAWALS_MANUAL_RESOLUTION_PROPOSED = EventType(
    "withdrawals.manual_resolution_proposed",
    subject="withdrawals.withdrawal",
    fields={"number": str, "paid": bool, "reason": str},
    description="A person proposed how to resolve an attempt without a provable outcome.",
)
WITHDRAWALS_MANUAL_RESOLUTION_REFUSED = EventType(
    "withdrawals.manual_resolution_refused",
    subject="withdrawals.withdrawal",
    fields={"number": str},
    description="A second person refused the proposal.",
)
WITHDRAWALS_MANUALLY_RESOLVED = EventType(
    "withdrawals.manually_resolved",
    subject="withdrawals.withdrawal",
    fields={"number": str, "paid": bool, "proposer": str},
    description="A second person agreed; the attempt is resolved.",
)
WITHDRAWALS_CHANNEL_PAUSED = EventType(
    "withdrawals.channel_paused",
    subject="withdrawals.channel",
    fields={"pause_reason": str},
    description="A payout channel was paused.",
)
WITHDRAWALS_CHANNEL_RESUMED = EventType(
    "withdrawals.channel_resumed",
    subject="withdrawals.channel",
    description="A payout channel was resumed.",
)
WITHDRAWALS_IDENTIFIED = EventType(
    "withdrawals.identified",
    subject="members.member",
    fields={"real_name": str, "id_number": str},
    description="A member gave their real name or ID number (masked here).",
)
WITHDRAWALS_PAYEE_SET = EventType(
    "withdrawals.payee_set",
    subject="members.member",
    fields={"payee": str, "channel": str, "account": str},
    description="A member set where to be paid (masked here).",
)
WITHDRAWALS_AUTHORIZED = EventType(
    "withdrawals.authorized",
    subject="members.member",
    fields={"payee": str},
    description="A member allowed payouts without confirming each.",
)
WITHDRAWALS_UNMASKED = EventType(
    "withdrawals.unmasked",
    subject="members.member",
    fields={"reason": str},
    description="Staff saw personal data unmasked.",
)
WITHDRAWALS_VOUCHER_OPENED = EventType(
    "withdrawals.voucher_opened",
    subject="withdrawals.evidence",
    description="Staff opened a voucher.",
)
WITHDRAWALS_POLICY_CHANGED = EventType(
    "withdrawals.policy_changed",
    subject="withdrawals.policy",
    description="The limits, fee or tax regime changed.",
)
