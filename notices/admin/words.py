"""What pages say of notices and their messages."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _text
from django.utils.translation import gettext_lazy as _

from backoffice.base import StrOrPromise
from notices import scenes
from notices.models import Message, Notice
from notices.models import NoticeKind as Kind

MESSAGE_COLOURS = {
    "waiting": "info", "claimed": "info", "sent": "success", "refused": "warning",
    "failed": "danger", "unknown": "warning", "lapsed": "warning",
}  # fmt: skip
WORDING_COLOURS = {"draft": "info", "in_force": "success", "replaced": "warning"}

WHEN: Mapping[str, StrOrPromise] = {
    Kind.ACCRUED: _("Orders earned commissions that are not credited yet."),
    Kind.CREDITED: _("A settlement credited commissions to the wallet."),
    Kind.CLAWED_BACK: _("Refunds took back a commission that was credited."),
    Kind.WITHDRAWAL_APPROVED: _("Finance approved a withdrawal."),
    Kind.WITHDRAWAL_REJECTED: _("A withdrawal was rejected."),
    Kind.WITHDRAWAL_READY: _("A withdrawal waits until the member collects it in WeChat."),
    Kind.WITHDRAWAL_PAID: _("A withdrawal was paid."),
    Kind.WITHDRAWAL_FAILED: _("A withdrawal could not be paid."),
    Kind.APPLICATION_APPROVED: _("An application was approved."),
    Kind.APPLICATION_REJECTED: _("An application was rejected."),
    Kind.CLAIM_ANSWERED: _("A claim was answered."),
    Kind.UPLINE_BOUND: _("A member was bound; goes to the member."),
    Kind.DIRECT_JOINED: _("A member was bound; goes to the upline."),
    Kind.LEVEL_CHANGED: _("A distributor got another level."),
    Kind.LEVEL_WARNING: _("A distributor's sales no longer reach the level."),
    Kind.AWARD_GRANTED: _("An incentive gave a reward."),
    Kind.AWARD_HELD: _("A reward was put on hold: an account is frozen, or a rule holds an order."),
    Kind.AWARD_REFUSED: _(
        "A reward was reached and is not given, such as when the budget was used up."
    ),
    Kind.AWARD_TAKEN_BACK: _("Refunds took back a reward."),
    Kind.FRIEND_ORDERED: _("A friend has paid a first order; goes to the member who brought them."),
    Kind.FIRST_ORDER_COUNTS: _("A friend has paid a first order; goes to the friend."),
    Kind.GIFT_SENT: _("Operations sent a gift."),
    Kind.GIFT_CANCELLED: _("Operations cancelled a gift; not if its reward was taken back."),
    Kind.PROOF_APPROVED: _("Operations approved a picture that was handed in."),
    Kind.PROOF_REJECTED: _("Operations rejected a picture that was handed in."),
}

FIELD_TITLES: Mapping[str, StrOrPromise] = {
    "thing": _("sentence"),
    "phrase": _("state"),
    "time": _("time"),
    "date": _("date"),
    "amount": _("amount"),
    "character_string": _("number"),
}


def badge(colour: str, text: StrOrPromise) -> SafeString:
    return format_html('<span class="tt-badge tt-{}">{}</span>', colour, text)


def wechat_state(notice: Notice) -> tuple[str, str]:
    """Return a name and the words for what became of a notice in WeChat."""
    message = message_of(notice)
    if message is not None:
        return message.status, message.get_status_display()
    if not scenes.template_of(notice.kind):
        return "none", _text("in the app only")
    return "none", _text("no consent")


def message_of(notice: Notice) -> Message | None:
    return getattr(notice, "message", None)


def field_title(name: str) -> StrOrPromise:
    """Return what a field of a WeChat template holds, such as ``amount1``."""
    return FIELD_TITLES.get(scenes.type_of(name), name)
