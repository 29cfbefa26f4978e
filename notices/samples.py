"""A notice of each kind as an example, for previews and trials."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from notices.models import Notice, Wording
from notices.models import NoticeKind as Kind
from notices.placeholders import names_of

_AMOUNTS = {"amounts": {"cash": 1_234, "points": 20}}
_LOSSES = {"amounts": {"cash": 549}}
_WITHDRAWAL = {"gross": 30_000, "net": 29_100}
DATA: dict[str, dict[str, Any]] = {
    Kind.ACCRUED: _AMOUNTS,
    Kind.CREDITED: _AMOUNTS,
    Kind.CLAWED_BACK: _LOSSES,
    Kind.WITHDRAWAL_APPROVED: _WITHDRAWAL,
    Kind.WITHDRAWAL_REJECTED: _WITHDRAWAL,
    Kind.WITHDRAWAL_READY: _WITHDRAWAL,
    Kind.WITHDRAWAL_PAID: _WITHDRAWAL,
    Kind.WITHDRAWAL_FAILED: _WITHDRAWAL,
    Kind.CLAIM_ANSWERED: {"order": "E20260001"},
    Kind.LEVEL_WARNING: {"until": "2026-12-31"},
}
_OF_INCENTIVES: dict[str, str] = {
    Kind.AWARD_GRANTED: Notice.Target.AWARD,
    Kind.AWARD_HELD: Notice.Target.AWARD,
    Kind.AWARD_REFUSED: Notice.Target.AWARD,
    Kind.AWARD_TAKEN_BACK: Notice.Target.AWARD,
    Kind.FRIEND_ORDERED: Notice.Target.INCENTIVE,
    Kind.FIRST_ORDER_COUNTS: Notice.Target.INCENTIVE,
    Kind.GIFT_SENT: Notice.Target.AWARD,
    Kind.GIFT_CANCELLED: Notice.Target.AWARD,
    Kind.PROOF_APPROVED: Notice.Target.INCENTIVE,
    Kind.PROOF_REJECTED: Notice.Target.INCENTIVE,
}
# A trial opens a list: there is no such withdrawal, application or claim.
TARGETS: dict[str, str] = {
    Kind.ACCRUED: Notice.Target.COMMISSIONS,
    Kind.CLAWED_BACK: Notice.Target.COMMISSIONS,
    Kind.CLAIM_ANSWERED: Notice.Target.COMMISSIONS,
    Kind.UPLINE_BOUND: Notice.Target.REFERRER,
    Kind.DIRECT_JOINED: Notice.Target.TEAM,
    Kind.LEVEL_CHANGED: Notice.Target.LEVELS,
    Kind.LEVEL_WARNING: Notice.Target.LEVELS,
    **_OF_INCENTIVES,
}


def sample(kind: str, wording: Wording | None, *, at: datetime) -> Notice:
    """Return a notice that is not stored."""
    return Notice(
        kind=kind, data=_data(kind), wording=wording, at=at, created_at=at,
        target=TARGETS.get(kind, Notice.Target.WALLET),
    )  # fmt: skip


def _data(kind: str) -> dict[str, Any]:
    if kind in (Kind.LEVEL_CHANGED, Kind.LEVEL_WARNING):
        return {**DATA.get(kind, {}), "level": _("Gold")}
    if kind in _OF_INCENTIVES:
        reward = {"kind": "amount", "asset": "store_credit", "amount": 1_000}
        data = {
            "incentive": _("Bring a friend"), "reward": [reward], "note": "SF1234567890",
            "reason": _("The picture is blurred."),
        }  # fmt: skip
        return {name: data[name] for name in names_of(kind)}
    return DATA.get(kind, {})
