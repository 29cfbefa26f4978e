"""The errors of withdrawals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from common import errors
from common.errors import TwotierError
from risk.models import Hold


class BlockerCode(StrEnum):
    """Why nothing can be paid now; ``docs/errors.md`` lists them with the errors."""

    ABOVE_DAILY = "above_daily"
    ABOVE_MAXIMUM = "above_maximum"
    ABOVE_MONTHLY = "above_monthly"
    ALREADY_OPEN = "already_open"
    AMOUNT_NOT_POSITIVE = "amount_not_positive"
    AUTHORIZATION_NEEDED = "authorization_needed"
    BALANCE_TOO_LOW = "balance_too_low"
    BELOW_MINIMUM = "below_minimum"
    FROZEN = "frozen"
    ID_NUMBER_NEEDED = "id_number_needed"
    IN_DEBT = "in_debt"
    NET_TOO_SMALL = "net_too_small"
    OUTCOME_MISMATCH = "outcome_mismatch"
    PAYEE_NEEDED = "payee_needed"
    PAYEE_UNSUPPORTED = "payee_unsupported"
    PAYOUTS_PAUSED = "payouts_paused"
    REAL_NAME_NEEDED = "real_name_needed"
    RISK_BLOCK = "risk_block"
    RISK_HOLD = "risk_hold"
    TAX_REGIME_MISSING = "tax_regime_missing"


class BlockerAction(StrEnum):
    """What a member can do about a blocker."""

    AUTHORIZE = "authorize"
    CHANGE_AMOUNT = "change_amount"
    ENTER_ID_NUMBER = "enter_id_number"
    ENTER_REAL_NAME = "enter_real_name"
    SET_PAYEE = "set_payee"
    ASK_SHOP = "ask_shop"
    WAIT = "wait"


ACTIONS = {
    BlockerCode.ABOVE_DAILY: BlockerAction.CHANGE_AMOUNT,
    BlockerCode.ABOVE_MAXIMUM: BlockerAction.CHANGE_AMOUNT,
    BlockerCode.ABOVE_MONTHLY: BlockerAction.CHANGE_AMOUNT,
    BlockerCode.ALREADY_OPEN: BlockerAction.WAIT,
    BlockerCode.AMOUNT_NOT_POSITIVE: BlockerAction.CHANGE_AMOUNT,
    BlockerCode.AUTHORIZATION_NEEDED: BlockerAction.AUTHORIZE,
    BlockerCode.BALANCE_TOO_LOW: BlockerAction.CHANGE_AMOUNT,
    BlockerCode.BELOW_MINIMUM: BlockerAction.CHANGE_AMOUNT,
    BlockerCode.FROZEN: BlockerAction.ASK_SHOP,
    BlockerCode.ID_NUMBER_NEEDED: BlockerAction.ENTER_ID_NUMBER,
    BlockerCode.IN_DEBT: BlockerAction.WAIT,
    BlockerCode.NET_TOO_SMALL: BlockerAction.CHANGE_AMOUNT,
    BlockerCode.OUTCOME_MISMATCH: BlockerAction.WAIT,
    BlockerCode.PAYEE_NEEDED: BlockerAction.SET_PAYEE,
    BlockerCode.PAYEE_UNSUPPORTED: BlockerAction.SET_PAYEE,
    BlockerCode.PAYOUTS_PAUSED: BlockerAction.WAIT,
    BlockerCode.REAL_NAME_NEEDED: BlockerAction.ENTER_REAL_NAME,
    BlockerCode.RISK_BLOCK: BlockerAction.ASK_SHOP,
    BlockerCode.RISK_HOLD: BlockerAction.WAIT,
    BlockerCode.TAX_REGIME_MISSING: BlockerAction.ASK_SHOP,
}


@dataclass(frozen=True, slots=True)
class Blocker:
    """A reason why nothing can be paid now.

    ``code`` is for programs, ``message`` for the member, ``label`` for lists of the back office;
    a risk hold has ``holds`` in place of a label.
    """

    code: BlockerCode
    message: str | Promise
    label: str | Promise = ""
    holds: tuple[Hold, ...] = ()

    @property
    def action(self) -> BlockerAction:
        return ACTIONS[self.code]


class Blocked(TwotierError):
    """Nothing can be paid now; ``blockers`` lists a ``BlockerCode`` for each reason."""

    code = "blocked"
    message = "%(message)s"

    def __init__(self, blockers: Sequence[Blocker]) -> None:
        message = " ".join(str(blocker.message) for blocker in blockers)
        super().__init__(message=message, blockers=[blocker.code for blocker in blockers])


class AccountFrozen(Blocked):
    """The member may read, but no money leaves the account."""

    code = "account_frozen"
    status = 403


def refusal_by(blockers: Sequence[Blocker]) -> Blocked:
    """Return the error for these blockers."""
    is_frozen = any(blocker.code == BlockerCode.FROZEN for blocker in blockers)
    return AccountFrozen(blockers) if is_frozen else Blocked(blockers)


class WrongApp(TwotierError):
    code = "wrong_app"
    message = _("This money can only be collected in the app %(app_id)s. Open that app.")


class WithdrawalNotFound(TwotierError):
    code = "withdrawal_not_found"
    message = _("There is no such withdrawal.")
    status = 404


class NotCollectable(TwotierError):
    code = "not_collectable"
    message = _("The shop pays this automatically: please wait.")


class InvalidIdempotencyKey(TwotierError):
    code = "invalid_idempotency_key"
    message = _("The idempotency key must have 1 to 64 characters. Nothing was changed.")
    status = 400


class WithdrawalKeyReused(TwotierError):
    code = "withdrawal_key_reused"
    message = _(
        "This key was used for a withdrawal of another amount or channel. Nothing was changed."
    )
    status = 422


class InvalidRealName(TwotierError):
    code = "invalid_real_name"
    message = _("Enter a real name of at most 40 characters. Nothing was changed.")
    status = 400


class InvalidIdNumber(TwotierError):
    code = "invalid_id_number"
    message = _("The ID number is not valid. Check it and enter it again. Nothing was changed.")
    status = 400


class InvalidPayee(TwotierError):
    """``field`` is channel, account or bank."""

    code = "invalid_payee"
    message = _("The payee's “%(field)s” is missing or not valid. Nothing was changed.")
    status = 400


class InvalidAuthorization(TwotierError):
    code = "invalid_authorization"
    message = _("The authorization number is missing or not valid. Nothing was changed.")
    status = 400


class AuthorizationRefused(TwotierError):
    code = "authorization_refused"
    message = _("WeChat Pay refused the request (%(reason)s). Ask the shop; nothing was changed.")


class AuthorizationElsewhere(TwotierError):
    code = "authorization_elsewhere"
    message = _(
        "Another member has an authorization for this WeChat account, such as the account that you"
        " closed. It is being ended: try again in some minutes."
    )


class AuthorizationMissing(TwotierError):
    code = "authorization_missing"
    message = _("You have not been asked to allow payouts without confirmation.")
    status = 404


class PayeeMissing(TwotierError):
    code = "payee_missing"
    message = _("Set a WeChat account as payee first. Nothing was changed.")
    status = 400


class SelfApprovalForbidden(errors.SelfApprovalForbidden):
    message = _(
        "The requester and the reviewers of operations and finance must be different people."
        " Ask a colleague."
    )


class RejectionAfterFinance(TwotierError):
    code = "rejection_after_finance"
    message = _(
        "Finance has approved this withdrawal: only finance can reject it now. Nothing was changed."
    )
    status = 403


class ContentChanged(TwotierError):
    code = "content_changed"
    message = _(
        "Payee, amount or tax have changed since you opened the page."
        " Reload it and check again before you approve."
    )


class PaymentUnresolved(TwotierError):
    code = "payment_unresolved"
    message = _("The provider may still pay this. Wait until its final status is known.")


class NoPaymentInProgress(TwotierError):
    code = "no_payment_in_progress"
    message = _("There is no payment in progress. Reload the page to see the current status.")


class ChannelPaused(TwotierError):
    code = "channel_paused"
    message = _("Payouts are paused (%(pause_reason)s). Nothing was sent; try again later.")
    status = 503


class VoucherAlreadyUsed(TwotierError):
    code = "voucher_already_used"
    message = _("This voucher already proves another payment. Nothing was changed.")


class InvalidVoucher(TwotierError):
    code = "invalid_voucher"
    message = _("A voucher must be a JPEG, PNG or PDF file of at most 10 MB. Nothing was changed.")
    status = 400
