"""What a member may read of their withdrawal, to be copied: how far it is, or why it ended."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.answers import Answer, join_sentences, register_answers
from backoffice.timeline import format_moment
from common.money import yuan_text
from withdrawals.models import Withdrawal

Status, EndReason = Withdrawal.Status, Withdrawal.EndReason
BACK = gettext_lazy("The money is back in your wallet.")
CANCELLED: dict[str, str | Promise] = {
    EndReason.MEMBER: gettext_lazy("You cancelled it."),
    EndReason.DEBT: gettext_lazy(
        "It was cancelled because goods were refunded and commission on them was taken back."
    ),
    EndReason.UNCOLLECTED: gettext_lazy("It was cancelled because it was not collected in time."),
}
STATES: dict[str, str | Promise] = {
    Status.REQUESTED: gettext_lazy("It is being reviewed."),
    Status.OPS_APPROVED: gettext_lazy("The first review is done; finance reviews it next."),
    Status.FINANCE_APPROVED: gettext_lazy("It is approved and will be paid shortly."),
    Status.READY_TO_COLLECT: gettext_lazy("It waits for you: confirm the receipt in WeChat."),
    Status.PAYING: gettext_lazy("The payment has started."),
    Status.FAILED: gettext_lazy("It could not be paid."),
    Status.RETURNED: gettext_lazy("It was paid and came back from the receiving account."),
}


def of_withdrawal(row: Withdrawal) -> Iterator[Answer]:
    yield Answer(_("to %(name)s") % {"name": row.member}, explanation(row))


def explanation(row: Withdrawal) -> str:
    """Return in sentences how far a withdrawal is; the reason of a rejection with its note."""
    begin = _("Your withdrawal of %(amount)s, requested on %(moment)s.") % {
        "amount": yuan_text(row.gross), "moment": format_moment(row.requested_at),
    }  # fmt: skip
    parts = [begin, *_state(row)]
    if row.status in (Status.REJECTED, Status.CANCELLED, Status.FAILED, Status.RETURNED):
        parts.append(BACK)
    return join_sentences(parts)


def _state(row: Withdrawal) -> Iterator[str | Promise]:
    if row.status == Status.PAID:
        yield from _paid(row)
    elif row.status == Status.REJECTED:
        yield _("It was rejected on %(moment)s: %(reason)s.") % {
            "moment": format_moment(row.ended_at) if row.ended_at else "",
            "reason": row.rejection_reason,
        }
        if row.note:
            yield row.note
    elif row.status == Status.CANCELLED:
        yield CANCELLED.get(row.end_reason, gettext_lazy("It was cancelled."))
    else:
        yield STATES[row.status]


def _paid(row: Withdrawal) -> Iterator[str]:
    yield _("%(net)s were paid on %(moment)s.") % {
        "net": yuan_text(row.net), "moment": format_moment(row.ended_at) if row.ended_at else "",
    }  # fmt: skip
    if row.tax:
        yield _("Tax withheld: %(tax)s.") % {"tax": yuan_text(row.tax)}
    if row.fee:
        yield _("Fee: %(fee)s.") % {"fee": yuan_text(row.fee)}


register_answers("withdrawals.withdrawal", of_withdrawal, permission="", order=90)
