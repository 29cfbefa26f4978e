"""Ask WeChat whether it accepts what members write."""

from __future__ import annotations

import structlog

from members.avatars import openid_of
from members.models import Member
from wechat.errors import WeChatUserAway
from wechat.gateway import gateway

log = structlog.get_logger(__name__)


def is_decent(member: Member, text: str, *, kind: str) -> bool:
    """Return whether WeChat accepts a text. Call it outside of transactions: it may take seconds.

    WeChat checks only texts of people who have just used the mini-program: from others, every text
    is accepted.

    :param kind: what the text is, for the log: ``nickname``, ``line`` or ``recommendation``
    :raises WeChatUnavailable: WeChat does not answer
    """
    wechat, openid = gateway(), openid_of(member)
    if wechat is None or openid is None or not text:
        return True
    try:
        return wechat.is_decent(text, openid=openid)
    except WeChatUserAway:
        log.warning("text_not_checked", kind=kind, member=member.public_id)
        return True
