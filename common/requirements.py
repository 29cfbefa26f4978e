"""Preconditions that services of several rooms share."""

from __future__ import annotations

from django.contrib.auth.models import PermissionsMixin

from common.errors import PermissionMissing, ReasonRequired

MAX_REASON_LENGTH = 200


def require_permission(user: PermissionsMixin, permission: str) -> None:
    """Check that a user has a permission.

    :param permission: ``"app_label.codename"``
    :raises PermissionMissing: the user does not have it
    """
    if not user.has_perm(permission):
        raise PermissionMissing


def require_reason(reason: str) -> str:
    """Normalize the white space of a reason.

    :raises ReasonRequired: it is empty or longer than 200 characters
    """
    reason = " ".join(reason.split())
    if not 0 < len(reason) <= MAX_REASON_LENGTH:
        raise ReasonRequired
    return reason
