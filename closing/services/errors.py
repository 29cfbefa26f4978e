"""What is refused of closing, in words for finance."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from common.errors import TwotierError
from members.models import User


class NotAllowed(TwotierError):
    code = "not_allowed"
    message = _("You have no right to do this. Ask an administrator for the role.")
    status = 403


class SelfApprovalForbidden(TwotierError):
    code = "self_approval_forbidden"
    message = _("Two different people do this, and neither is the member: ask a colleague.")


class ReasonRequired(TwotierError):
    code = "reason_required"
    message = _("Give a reason: whoever looks at this next year has nothing else.")
    status = 400


def require_permission(by: User, right: str) -> None:
    """:raises NotAllowed: they have not got the right ``closing.{right}``, or whichever is named"""
    if not by.has_perm(right if "." in right else f"closing.{right}"):
        raise NotAllowed


def require_reason(reason: str, *, most: int = 200) -> str:
    """:raises NoReason: it is empty"""
    reason = " ".join(reason.split())[:most]
    if not reason:
        raise ReasonRequired
    return reason
