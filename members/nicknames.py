"""Let WeChat check nicknames before others see them."""

from __future__ import annotations

import structlog
from django.utils.translation import gettext_lazy as _

from common.errors import TwotierError
from members.avatars import openid_of
from members.models import Member
from wechat.errors import WeChatUserAway
from wechat.gateway import gateway

log = structlog.get_logger(__name__)


class NicknameRefused(TwotierError):
    code = "nickname_refused"
    message = _("WeChat finds this nickname objectionable. Choose another one.")
    status = 400


def require_decent_nickname(member: Member, nickname: str) -> None:
    """Ask WeChat about a nickname. Call it outside of transactions, because it may take seconds.

    WeChat checks only what people of the mini-program write who have just used it: from others
    every nickname is accepted.

    :raises NicknameRefused: WeChat finds it objectionable
    :raises WeChatUnavailable: WeChat does not answer
    """
    wechat, openid = gateway(), openid_of(member)
    if wechat is None or openid is None or not nickname:
        return
    try:
        is_decent = wechat.is_decent(nickname, openid=openid)
    except WeChatUserAway:
        log.warning("nickname_not_checked", member=member.public_id)
        return
    if not is_decent:
        raise NicknameRefused
