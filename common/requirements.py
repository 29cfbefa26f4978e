"""Preconditions that services of several rooms share."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from django.contrib.auth.models import PermissionsMixin
from django.db import IntegrityError, transaction

from common.errors import (
    PermissionMissing,
    ReasonRequired,
    SelfApprovalForbidden,
    violated_constraint,
)

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


@contextmanager
def require_two_people(constraints: Collection[str]) -> Iterator[None]:
    """Run a statement that one of these constraints refuses if one person does both steps.

    :raises SelfApprovalForbidden: one of them refused it
    """
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if violated_constraint(error) not in constraints:
            raise
        raise SelfApprovalForbidden from error
