"""Say in a sentence what a refund is about, how far it is, and what it holds."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice.timeline import format_moment
from common.money import format_yuan, yuan_text
from orders.models import Refund

Kind, Status = Refund.Kind, Refund.Status


def refund_sentences(refund: Refund) -> list[str]:
    """Return what is refunded, since when it is where it is, and what follows while it is open."""
    sentences = [_subject(refund), _state(refund)]
    if refund.reason:
        sentences.append(_("Reason: %(reason)s") % {"reason": refund.reason})
    if refund.status in Refund.OPEN:
        sentences.append(_("Until it has an outcome, no commission of this line is credited."))
    return sentences


def _subject(refund: Refund) -> str:
    units = ngettext("%(count)s unit", "%(count)s units", refund.quantity) % {
        "count": f"{refund.quantity:,}"
    }
    data = {"units": units, "amount": yuan_text(refund.amount)}
    text = _template(refund) % data
    if refund.freight:
        freight = _("and shipping of ¥%(amount)s") % {"amount": format_yuan(refund.freight)}
        text = f"{text} {freight}"
    return text


def _template(refund: Refund) -> str:
    if refund.kind == Kind.EXCHANGE:
        return _("%(units)s exchanged: no money is refunded")
    if refund.kind == Kind.CORRECTION:
        return _("Correction by staff of %(amount)s and %(units)s")
    if not refund.quantity:
        return _("%(amount)s refunded, the goods stay with the buyer")
    if refund.kind == Kind.RETURN:
        return _("%(units)s returned, %(amount)s refunded")
    return _("%(amount)s refunded for %(units)s, nothing is sent back")


def _state(refund: Refund) -> str:
    at = {
        Status.REQUESTED: refund.requested_at,
        Status.APPROVED: refund.approved_at,
        Status.DONE: refund.done_at,
        Status.REJECTED: refund.rejected_at,
        Status.WITHDRAWN: refund.withdrawn_at,
    }[Status(refund.status)]
    templates: dict[str, Callable[[], str]] = {
        Status.REQUESTED: lambda: _("Requested on %(at)s, not decided yet."),
        Status.APPROVED: lambda: _("Approved on %(at)s, the money is not paid back yet."),
        Status.DONE: lambda: _("Refunded on %(at)s."),
        Status.REJECTED: lambda: _("Rejected on %(at)s: nothing changes."),
        Status.WITHDRAWN: lambda: _("Withdrawn by the buyer on %(at)s: nothing changes."),
    }
    return templates[refund.status]() % {"at": format_moment(at) if at else ""}
