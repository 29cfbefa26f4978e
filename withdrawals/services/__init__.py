"""From the wish to be paid to the proof that it happened."""

from withdrawals.services.alarming import alarm_overdue
from withdrawals.services.channels import pause, resume
from withdrawals.services.collecting import Collecting, collect, expire_ready, pay_approved
from withdrawals.services.concluding import (
    ConclusionOpen,
    agree_to_conclusion,
    is_stuck,
    propose_conclusion,
    refuse_conclusion,
)
from withdrawals.services.deciding import (
    call_off,
    give_up,
    had_a_part,
    mark_paid,
    mark_returned,
    mark_unpaid,
    pay_by_hand,
    send_again,
    try_again,
)
from withdrawals.services.evidence import open_voucher
from withdrawals.services.freezing import begin
from withdrawals.services.noticing import notice
from withdrawals.services.owing import stop_for_debt
from withdrawals.services.paying import ask_soon, sweep, work
from withdrawals.services.people import authorize, identify, set_payee, unmask
from withdrawals.services.policy import NotAPayoutPolicy, change_policy
from withdrawals.services.quoting import Price, Quote, quote, withdrawable
from withdrawals.services.refusals import (
    Blocked,
    Blocker,
    ChannelPaused,
    ContentChanged,
    KeyReused,
    MayStillPay,
    NotAllowed,
    NotAnAccount,
    NotAVoucher,
    NothingToCallOff,
    NotYours,
    VoucherUsed,
)
from withdrawals.services.requesting import cancel, request
from withdrawals.services.reviewing import (
    Approved,
    approve_as_finance,
    approve_as_operations,
    approve_many,
    reject,
)

__all__ = [
    "Approved",
    "Blocked",
    "Blocker",
    "ChannelPaused",
    "Collecting",
    "ConclusionOpen",
    "ContentChanged",
    "KeyReused",
    "MayStillPay",
    "NotAPayoutPolicy",
    "NotAVoucher",
    "NotAllowed",
    "NotAnAccount",
    "NotYours",
    "NothingToCallOff",
    "Price",
    "Quote",
    "VoucherUsed",
    "agree_to_conclusion",
    "alarm_overdue",
    "approve_as_finance",
    "approve_as_operations",
    "approve_many",
    "ask_soon",
    "authorize",
    "begin",
    "call_off",
    "cancel",
    "change_policy",
    "collect",
    "expire_ready",
    "give_up",
    "had_a_part",
    "identify",
    "is_stuck",
    "mark_paid",
    "mark_returned",
    "mark_unpaid",
    "notice",
    "open_voucher",
    "pause",
    "pay_approved",
    "pay_by_hand",
    "propose_conclusion",
    "quote",
    "refuse_conclusion",
    "reject",
    "request",
    "resume",
    "send_again",
    "set_payee",
    "stop_for_debt",
    "sweep",
    "try_again",
    "unmask",
    "withdrawable",
    "work",
]
