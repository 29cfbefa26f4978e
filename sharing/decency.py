"""Let WeChat check what members publish about goods."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from common.errors import TwotierError
from members.decency import is_decent
from members.models import Member


class LineRefused(TwotierError):
    code = "line_refused"
    message = _("WeChat finds this text objectionable. Say it in another way.")
    status = 400


def require_decent_line(member: Member, line: str) -> None:
    """Ask WeChat about a line. Call it outside of transactions, because it may take seconds.

    :raises LineRefused: WeChat finds it objectionable
    :raises WeChatUnavailable: WeChat does not answer
    """
    if not is_decent(member, line, kind="line"):
        raise LineRefused
