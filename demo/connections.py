"""Give the demo words of its own in messages, and a system that reads events."""

from __future__ import annotations

from datetime import datetime, timedelta

from integration.clients import create_client
from members.models import User
from notices.models import NoticeKind
from notices.wordings import put_into_force, save_wording
from webhooks.endpoints import create_endpoint, switch_off
from webhooks.models import WebhookEndpoint

HOUR = timedelta(hours=1)
TEXTS = {
    "title_zh": "佣金到账", "body_zh": "{amounts} 已存入您的钱包，随时可以提现。",
    "title_en": "Commission credited", "body_en": "{amounts} is in your wallet. Withdraw any time.",
}  # fmt: skip
DRAFT = {**TEXTS, "title_zh": "佣金到账啦", "thing": "佣金已到账，可以提现"}
CRM = "会员营销系统"
CRM_EVENTS = ("distribution.approved", "withdrawals.paid")


def play(*, by: User, at: datetime) -> None:
    """Put a text into force, leave a second version, and connect a system that is switched off.

    It is off because its address is an example: events wait for it.
    """
    kind = NoticeKind.CREDITED
    first = save_wording(kind=kind, texts=TEXTS, channels="wechat", based_on=0, by=by, at=at)
    put_into_force(wording=first, by=by, at=at + HOUR)
    save_wording(
        kind=kind, texts=DRAFT, channels="wechat", based_on=first.number, by=by, at=at + 2 * HOUR
    )
    client, _secret = create_client(
        name=CRM, scopes=["events:read", "members:read", "webhooks:write"], by=by, at=at
    )
    endpoint, _secret = create_endpoint(
        client=client, url="https://crm.example.com/twotier", types=CRM_EVENTS, by=by, at=at,
        description=CRM,
    )  # fmt: skip
    switch_off(endpoint=endpoint, reason=WebhookEndpoint.OffReason.STAFF, by=by, at=at + HOUR)
