"""Declare the events that ``withdrawals`` records."""

from events.declarations import EventType


def _of_withdrawal(name: str, description: str, /, **fields: type) -> EventType:
    return EventType(name, "withdrawals.withdrawal", fields, description)


def _of_member(name: str, description: str, /, **fields: type) -> EventType:
    return EventType(name, "members.member", fields, description)


WITHDRAWALS_REQUESTED = _of_withdrawal(
    "withdrawals.requested", "A member requested a withdrawal.", gross=int, tax=int, fee=int
)
WITHDRAWALS_OPS_APPROVED = _of_withdrawal(
    "withdrawals.ops_approved", "Operations approved.", content_hash=str
)
WITHDRAWALS_FINANCE_APPROVED_ONCE = _of_withdrawal(
    "withdrawals.finance_approved_once",
    "The first of two finance reviewers approved.",
    content_hash=str,
)
WITHDRAWALS_FINANCE_APPROVED = _of_withdrawal(
    "withdrawals.finance_approved", "Finance approved.", content_hash=str
)
WITHDRAWALS_REVIEW_RESTARTED = _of_withdrawal(
    "withdrawals.review_restarted",
    "The payee, the amount or the tax changed, so the reviews start again.",
    reason=str,
)
WITHDRAWALS_REJECTED = _of_withdrawal(
    "withdrawals.rejected", "A reviewer rejected; the money is back in the wallet.", end_reason=str
)
WITHDRAWALS_CANCELLED = _of_withdrawal(
    "withdrawals.cancelled", "It was cancelled; the money is back in the wallet.", end_reason=str
)
WITHDRAWALS_FAILED = _of_withdrawal(
    "withdrawals.failed", "The payout failed; the money is back in the wallet.", end_reason=str
)
WITHDRAWALS_READY_TO_COLLECT = _of_withdrawal(
    "withdrawals.ready_to_collect", "The member may collect."
)
WITHDRAWALS_PAYING = _of_withdrawal(
    "withdrawals.paying", "A payout started.", number=str, gateway=str
)
WITHDRAWALS_PAYOUT_START_FAILED = _of_withdrawal(
    "withdrawals.payout_start_failed", "A payout could not be started."
)
WITHDRAWALS_PAYOUT_FAILED = _of_withdrawal(
    "withdrawals.payout_failed",
    "The provider proved that an attempt was not paid.",
    number=str,
    reason=str,
    failure_class=str,
)
WITHDRAWALS_PAYOUT_REFUSED = _of_withdrawal(
    "withdrawals.payout_refused",
    "The provider refused an attempt; a person must decide.",
    number=str,
    code=str,
    evidence=int,
)
WITHDRAWALS_PAYOUT_OVERDUE = EventType(
    "withdrawals.payout_overdue",
    subject="withdrawals.attempt",
    fields={"hours": int},
    description="An attempt has had no outcome for too long.",
)
WITHDRAWALS_REPLY_MISMATCH = _of_withdrawal(
    "withdrawals.reply_mismatch",
    "A reply does not match the payout instruction.",
    number=str,
    evidence=int,
)
WITHDRAWALS_OUTCOME_MISMATCH = _of_withdrawal(
    "withdrawals.outcome_mismatch",
    "The provider reports another outcome than the recorded one.",
    number=str,
    code=str,
)
WITHDRAWALS_PAID = _of_withdrawal("withdrawals.paid", "The provider proved the payment.", net=int)
WITHDRAWALS_RETURNED = _of_withdrawal(
    "withdrawals.returned", "A paid payout came back.", proof=int, gross=int
)
WITHDRAWALS_RETRIED_WITH_NEW_NUMBER = _of_withdrawal(
    "withdrawals.retried_with_new_number", "A person started a new attempt after a proven failure."
)
WITHDRAWALS_RESENT = _of_withdrawal(
    "withdrawals.resent", "A person sent an attempt again under the same number."
)
WITHDRAWALS_CANCEL_REQUESTED = _of_withdrawal(
    "withdrawals.cancel_requested",
    "A person asked the provider to cancel an attempt.",
    number=str,
    reply=str,
)
WITHDRAWALS_MARKED_PAID = _of_withdrawal(
    "withdrawals.marked_paid", "Finance marked a manual payout as paid."
)
WITHDRAWALS_MARKED_UNPAID = _of_withdrawal(
    "withdrawals.marked_unpaid", "Finance marked a manual payout as not paid.", reason=str
)
WITHDRAWALS_MANUAL_RESOLUTION_PROPOSED = _of_withdrawal(
    "withdrawals.manual_resolution_proposed",
    "A person proposed how to resolve an attempt without a provable outcome.",
    number=str,
    paid=bool,
    reason=str,
)
WITHDRAWALS_MANUAL_RESOLUTION_REFUSED = _of_withdrawal(
    "withdrawals.manual_resolution_refused", "A second person refused the proposal.", number=str
)
WITHDRAWALS_MANUALLY_RESOLVED = _of_withdrawal(
    "withdrawals.manually_resolved",
    "A second person agreed; the attempt is resolved.",
    number=str,
    paid=bool,
    proposer=str,
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
WITHDRAWALS_IDENTIFIED = _of_member(
    "withdrawals.identified",
    "A member gave their real name or ID number (masked here).",
    real_name=str,
    id_number=str,
)
WITHDRAWALS_PAYEE_SET = _of_member(
    "withdrawals.payee_set",
    "A member set where to be paid (masked here).",
    payee=str,
    channel=str,
    account=str,
)
WITHDRAWALS_AUTHORIZED = _of_member(
    "withdrawals.authorized", "A member allowed payouts without confirming each.", payee=str
)
WITHDRAWALS_AUTHORIZATION_CLOSED = _of_member(
    "withdrawals.authorization_closed",
    "A member or WeChat Pay ended the authorization of payouts without confirmation.",
    payee=str,
    reason=str,
)
WITHDRAWALS_UNMASKED = _of_member(
    "withdrawals.unmasked", "Staff saw personal data unmasked.", reason=str
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
WITHDRAWALS_BATCH_CREATED = EventType(
    "withdrawals.batch_created",
    subject="withdrawals.payoutbatch",
    fields={"number": str, "count": int, "total": int},
    description="Finance claimed manual payouts as one batch.",
)
WITHDRAWALS_BATCH_EXPORTED = EventType(
    "withdrawals.batch_exported",
    subject="withdrawals.payoutbatch",
    fields={"number": str, "count": int, "reason": str},
    description="Finance downloaded the file of a batch, with full names and accounts.",
)
WITHDRAWALS_BATCH_RESULT = EventType(
    "withdrawals.batch_result",
    subject="withdrawals.payoutbatch",
    fields={"number": str, "paid": int, "total": int, "unpaid": int, "evidence": int},
    description="A result file or one voucher ended payments of a batch.",
)
