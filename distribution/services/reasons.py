"""Whoever decides about people says why."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from common.errors import TwotierError

MAX_REASON_LENGTH = 200


class ReasonRequired(TwotierError):
    code = "reason_required"
    message = _("Give a reason, of at most 200 characters. Nothing was changed.")
    status = 400


def require_reason(reason: str) -> str:
    """The reason without blanks around it.

    :raises ReasonNeeded: it is empty, or too long to keep
    """
    reason = reason.strip()
    if not 0 < len(reason) <= MAX_REASON_LENGTH:
        raise ReasonRequired
    return reason
