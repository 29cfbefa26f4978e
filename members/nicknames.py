"""Let WeChat check nicknames before others see them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from common.errors import TwotierError
from members.decency import is_decent
from members.models import Member


class NicknameRefused(TwotierError):
    code = "nickname_refused"
    message = _("WeChat finds this nickname objectionable. Choose another one.")
    status = 400


def require_decent_nickname(member: Member, nickname: str) -> None:
    """Ask WeChat about a nickname. Call it outside of transactions, because it may take seconds.

    :raises NicknameRefused: WeChat finds it objectionable
    :raises WeChatUnavailable: WeChat does not answer
    """
    if not is_decent(member, nickname, kind="nickname"):
        raise NicknameRefused
