"""What staff may do to other staff."""

from __future__ import annotations

from django.contrib.auth.models import Permission
from django.db.models import Q

from members.models import User


def has_rights_beyond(user: User, other: User) -> bool:
    """Return whether ``user`` has a right that ``other`` lacks.

    ``other`` could use that right after changing the user's address or password.
    """
    if other.is_superuser:
        return False
    return user.is_superuser or bool(_permission_ids(user) - _permission_ids(other))


def _permission_ids(user: User) -> set[int]:
    """Return the ids of all the user's permissions, even if the user is inactive."""
    own = Permission.objects.filter(Q(user=user) | Q(group__user=user))
    return set(own.values_list("pk", flat=True))
