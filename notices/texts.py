"""Titles and bodies of notices, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from common.money import format_yuan
from incentives.overview.reward_words import facts_text
from ledger.chart import Asset
from notices import placeholders
from notices.models import Notice

Kind = Notice.Kind

TEXTS: dict[str, Any] = {
    Kind.ACCRUED: _(
        "New commission: %(amounts)s. It is credited when the protection of its orders ends."
    ),
    Kind.CREDITED: _("Credited to your wallet: %(amounts)s."),
    Kind.CLAWED_BACK: _("Goods were refunded, so commission on them was taken back: %(amounts)s."),
    Kind.WITHDRAWAL_APPROVED: _("Your withdrawal of %(gross)s yuan was approved."),
    Kind.WITHDRAWAL_REJECTED: _(
        "Your withdrawal of %(gross)s yuan was rejected. The money is back in your wallet."
    ),
    Kind.WITHDRAWAL_READY: _("Collect your withdrawal of %(gross)s yuan."),
    Kind.WITHDRAWAL_PAID: _("Your withdrawal was paid: you received %(net)s yuan."),
    Kind.WITHDRAWAL_FAILED: _(
        "Your withdrawal of %(gross)s yuan could not be paid. The money is back in your wallet."
    ),
    Kind.APPLICATION_APPROVED: _("You are a distributor now."),
    Kind.APPLICATION_REJECTED: _("Your application was rejected. You may apply again."),
    Kind.CLAIM_ANSWERED: _("Your claim about order %(order)s was answered."),
    Kind.UPLINE_BOUND: _("You were bound to the member who referred you."),
    Kind.DIRECT_JOINED: _("A new member joined your team."),
    Kind.LEVEL_CHANGED: _("Your level is now %(level)s."),
    Kind.LEVEL_WARNING: _(
        "Your sales no longer reach the level %(level)s. You keep it until %(until)s: reach it"
        " again before, and nothing changes."
    ),
    Kind.AWARD_GRANTED: _("“%(incentive)s”: you got %(reward)s."),
    Kind.AWARD_HELD: _(
        "“%(incentive)s”: %(reward)s is on hold. It goes on by itself when the reason has ended."
    ),
    Kind.AWARD_REFUSED: _(
        "“%(incentive)s”: you reached %(reward)s, but it is not given. Your rewards say why."
    ),
    Kind.AWARD_TAKEN_BACK: _(
        "“%(incentive)s”: goods that counted were refunded, so %(reward)s was taken back."
    ),
    Kind.FRIEND_ORDERED: _(
        "“%(incentive)s”: a friend whom you brought has ordered. The order counts when it is"
        " completed."
    ),
    Kind.FIRST_ORDER_COUNTS: _(
        "“%(incentive)s”: your first order counts. You get %(reward)s when it is completed."
    ),
    Kind.GIFT_SENT: _("“%(incentive)s”: %(reward)s was sent to you: %(note)s"),
    Kind.GIFT_CANCELLED: _("“%(incentive)s”: %(reward)s cannot be sent: %(reason)s"),
    Kind.PROOF_APPROVED: _("“%(incentive)s”: your picture was approved, and counts."),
    Kind.PROOF_REJECTED: _("“%(incentive)s”: your picture was rejected: %(reason)s"),
}
NO_LEVEL = _("You have no level any more.")


def title(notice: Notice) -> str:
    text = _own(notice, "title") or shipped_title(notice.kind)
    return gettext("Trial: %(title)s") % {"title": text} if notice.tester_id else text


def body(notice: Notice) -> str:
    if own := _own(notice, "body"):
        return placeholders.fill(own, lambda name: _shown(name, notice.data.get(name, "")))
    data: Mapping[str, Any] = notice.data
    if notice.kind == Kind.LEVEL_CHANGED and not data["level"]:
        return str(NO_LEVEL)
    return str(TEXTS[notice.kind]) % {name: _shown(name, value) for name, value in data.items()}


def shipped_title(kind: str) -> str:
    return str(Kind(kind).label)


def shipped_body(kind: str) -> str:
    """Return the shipped text of a kind, with its values in braces."""
    names = placeholders.names_of(kind)
    return str(TEXTS[kind]) % {name: f"{{{name}}}" for name in names}


def _own(notice: Notice, part: str) -> str:
    """Return the title or the body of the notice's wording; empty if it is the shipped one."""
    if notice.wording is None:
        return ""
    is_chinese = (get_language() or "").startswith("zh")
    return str(getattr(notice.wording, f"{part}_zh" if is_chinese else f"{part}_en"))


def _shown(name: str, value: Any) -> str:
    if name in ("gross", "net"):
        return format_yuan(value)
    if name == "level":
        return str(value) or gettext("none")
    if name == "reward":
        return rewards_text(value) if value else ""
    if name == "amounts":
        return gettext(", ").join(_amount(asset, amount) for asset, amount in value.items())
    return str(value)


def rewards_text(rewards: Sequence[Mapping[str, Any]]) -> str:
    """Return the text of one or more rewards."""
    return gettext(", ").join(facts_text(facts) for facts in rewards)


def _amount(asset: str, amount: int) -> str:
    shown = str(amount) if asset == Asset.POINTS else format_yuan(amount)
    return f"{Asset(asset).label} {shown}"
