"""What is refused of withdrawals, in words for whoever asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from common import errors
from common.errors import TwotierError


@dataclass(frozen=True, slots=True)
class Blocker:
    """Why nothing can be paid now: a code for programs, and words for the member."""

    code: str
    message: str | Promise


class Blocked(TwotierError):
    """Nothing can be paid now; ``code`` is the first blocker's, ``blockers`` names all."""

    code = "blocked"
    message = "%(words)s"

    def __init__(self, blockers: Sequence[Blocker]) -> None:
        self.code = blockers[0].code  # type: ignore[misc]
        message = " ".join(str(each.message) for each in blockers)
        super().__init__(message=message, blockers=[each.code for each in blockers])


class WithdrawalKeyReused(TwotierError):
    code = "withdrawal_key_reused"
    message = _("This key was used for a withdrawal of another amount. Nothing was changed.")
    status = 422


class SelfApprovalForbidden(errors.SelfApprovalForbidden):
    message = _(
        "Whoever requests, reviews for operations and reviews for finance are different people."
        " Ask a colleague."
    )


class NotAllowed(TwotierError):
    code = "not_allowed"
    message = _("You have no right to do this. Ask an administrator for the role.")
    status = 403


class ContentChanged(TwotierError):
    code = "content_changed"
    message = _(
        "Payee, amount or tax have changed since you looked. Look again before you approve."
    )


class PaymentUnresolved(TwotierError):
    code = "payment_unresolved"
    message = _("The provider may still pay this. Wait until it has said how it ended.")


class NoPaymentInProgress(TwotierError):
    code = "no_payment_in_progress"
    message = _("Nothing of this is under way at the provider. Reload the page to see it.")


class ChannelPaused(TwotierError):
    code = "channel_paused"
    message = _("Payouts are paused (%(pause_reason)s). Nothing was sent; try again later.")
    status = 503


class NotAnAccount(TwotierError):
    code = "not_an_account"
    message = _("“%(what)s” is missing or cannot be right. Nothing was changed.")
    status = 400


class VoucherAlreadyUsed(TwotierError):
    code = "voucher_already_used"
    message = _("This voucher has been shown for another payment. Nothing was changed.")


class InvalidVoucher(TwotierError):
    code = "invalid_voucher"
    message = _("A voucher is a JPEG, PNG or PDF file of at most 10 MB. Nothing was changed.")
    status = 400
