"""Let WeChat check what members publish about goods."""

from __future__ import annotations

import structlog
from django.utils.translation import gettext_lazy as _

from common.errors import TwotierError
from members.avatars import openid_of
from members.models import Member
from wechat.errors import WeChatUserAway
from wechat.gateway import gateway

log = structlog.get_logger(__name__)


class LineRefused(TwotierError):
    code = "line_refused"
    message = _("WeChat finds this text objectionable. Say it in another way.")
    status = 400


def require_decent_line(member: Member, line: str) -> None:
    """Ask WeChat about a line. Call it outside of transactions, because it may take seconds.

    WeChat checks only what people write who have just used the mini-program: from others every
    line is accepted.

    :raises LineRefused: WeChat finds it objectionable
    :raises WeChatUnavailable: WeChat does not answer
    """
    wechat, openid = gateway(), openid_of(member)
    if wechat is None or openid is None or not line:
        return
    try:
        is_decent = wechat.is_decent(line, openid=openid)
    except WeChatUserAway:
        log.warning("line_not_checked", member=member.public_id)
        return
    if not is_decent:
        raise LineRefused
