"""Which notices go out as subscribe messages, and what their templates show.

Texts are Chinese for everybody: WeChat's types demand it, and templates are written in Chinese.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.checks import CheckMessage, Error

from common import clock
from common.money import format_yuan
from ledger.chart import Asset
from notices.models import Notice

Kind = Notice.Kind

SCENES = {
    Kind.ACCRUED: "accrued",
    Kind.CREDITED: "credited",
    Kind.WITHDRAWAL_READY: "withdrawal_ready",
    Kind.WITHDRAWAL_PAID: "withdrawal_paid",
    Kind.APPLICATION_APPROVED: "application_answered",
    Kind.APPLICATION_REJECTED: "application_answered",
    Kind.CLAIM_ANSWERED: "claim_answered",
    Kind.AWARD_GRANTED: "award_granted",
    Kind.AWARD_TAKEN_BACK: "award_taken_back",
    Kind.FRIEND_ORDERED: "friend_ordered",
    Kind.FIRST_ORDER_COUNTS: "friend_ordered",
}
NAMES = tuple(dict.fromkeys(SCENES.values()))
# At most 20 characters, and a phrase of at most 5.
TEXTS = {
    Kind.ACCRUED: ("您有新的佣金，保护期后入账", "待入账"),
    Kind.CREDITED: ("佣金已存入您的钱包", "已入账"),
    Kind.WITHDRAWAL_READY: ("提现待领取，请尽快确认收款", "待领取"),
    Kind.WITHDRAWAL_PAID: ("提现已到账", "已到账"),
    Kind.APPLICATION_APPROVED: ("您已成为分销员", "已通过"),
    Kind.APPLICATION_REJECTED: ("申请未通过，可重新申请", "未通过"),
    Kind.CLAIM_ANSWERED: ("您的佣金申诉已有答复", "已答复"),
    Kind.AWARD_GRANTED: ("您获得一份活动奖励", "已发放"),
    Kind.AWARD_TAKEN_BACK: ("订单退款，活动奖励已收回", "已收回"),
    Kind.FRIEND_ORDERED: ("您邀请的好友已下单，完成后发奖励", "待发放"),
    Kind.FIRST_ORDER_COUNTS: ("首单已参加活动，完成后发奖励", "待发放"),
}
ALWAYS = {"thing", "phrase", "time", "date"}
TYPES = {
    "accrued": ALWAYS | {"amount"},
    "credited": ALWAYS | {"amount"},
    "withdrawal_ready": ALWAYS | {"amount", "character_string"},
    "withdrawal_paid": ALWAYS | {"amount", "character_string"},
    "application_answered": ALWAYS,
    "claim_answered": ALWAYS | {"character_string"},
    "award_granted": ALWAYS,
    "award_taken_back": ALWAYS,
    "friend_ordered": ALWAYS,
}
FIELD = re.compile(r"([a-z_]+?)\d+")
MAX_CHARACTER_STRING = 32


def template_of(kind: str) -> str:
    """Return the template of a kind of notice; empty if there is none."""
    return str(settings.WECHAT_TEMPLATES.get(SCENES.get(kind, ""), ""))  # type: ignore[call-overload]


def fields_of(notice: Notice) -> dict[str, str]:
    """Return the fields of the notice's template in WeChat's formats."""
    values = values_of(notice)
    names = settings.WECHAT_TEMPLATE_FIELDS.get(SCENES[Kind(notice.kind)], [])
    return {name: values[type_of(name)] for name in names}


def page_of(notice: Notice) -> str:
    """Return the mini-program's page that a tap opens, with the notice's target."""
    page = settings.WECHAT_NOTICE_PAGE
    query = urlencode({"target": notice.target, "id": notice.target_id})
    return f"{page}?{query}" if page else ""


def texts_of(notice: Notice) -> tuple[str, str]:
    """Return the sentence and the word of a notice's message."""
    thing, phrase = TEXTS[Kind(notice.kind)]
    own = notice.wording
    return (own.thing or thing, own.phrase or phrase) if own else (thing, phrase)


def values_of(notice: Notice) -> dict[str, str]:
    thing, phrase = texts_of(notice)
    data: Mapping[str, Any] = notice.data
    time = notice.at.astimezone(clock.SHANGHAI)
    return {
        "thing": thing,
        "phrase": phrase,
        "time": f"{time:%Y-%m-%d %H:%M}",
        "date": f"{time:%Y-%m-%d}",
        "amount": _amount(notice.kind, data),
        "character_string": str(data.get("order") or notice.target_id)[:MAX_CHARACTER_STRING],
    }


def _amount(kind: str, data: Mapping[str, Any]) -> str:
    """Return yuan; of points alone their number."""
    if kind not in (Kind.ACCRUED, Kind.CREDITED):
        return "¥" + format_yuan(data.get("net" if kind == Kind.WITHDRAWAL_PAID else "gross", 0))
    fen = [amount for asset, amount in data["amounts"].items() if asset != Asset.POINTS]
    return "¥" + format_yuan(sum(fen)) if fen else str(data["amounts"].get(Asset.POINTS, 0))


def type_of(field: str) -> str:
    """Return WeChat's type of a field such as ``amount1``; empty if it has none."""
    match = FIELD.fullmatch(field)
    return match[1] if match else ""


def templates_fit(**_: Any) -> Iterator[CheckMessage]:
    """Check that every template belongs to a scene, and has fields that the scene can fill."""
    for scene, fields in settings.WECHAT_TEMPLATE_FIELDS.items():
        types = TYPES.get(scene, set())
        if not fields or any(type_of(field) not in types for field in fields):
            yield Error(
                f"WECHAT_TEMPLATES: {scene} is no scene, or its fields {fields} do not fit.",
                hint=f"Scenes: {', '.join(NAMES)}. Fields: {', '.join(sorted(types)) or 'none'}, "
                "each with its number, such as thing2. See docs/notices.md.",
                id="notices.E001",
            )
