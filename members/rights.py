"""Compare the rights of staff, and record their changes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.db.models import Q

from events.models import Reference
from events.services import record
from members.events import MEMBERS_GROUP_CHANGED, MEMBERS_RIGHTS_CHANGED
from members.models import User

FLAGS = ("is_active", "is_staff", "is_superuser")


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


def rights_of(holder: User | Group) -> dict[str, Any]:
    """Return the rights of a user or group, as events record them."""
    permissions = holder.user_permissions if isinstance(holder, User) else holder.permissions
    names = permissions.values_list("content_type__app_label", "codename")
    rights: dict[str, Any] = {"permissions": sorted(".".join(name) for name in names)}
    if isinstance(holder, User):
        rights |= {name: getattr(holder, name) for name in FLAGS}
        rights["groups"] = sorted(holder.groups.values_list("name", flat=True))
    return rights


@transaction.atomic
def record_rights(holder: User | Group, *, before: dict[str, Any], at: datetime, by: User) -> None:
    """Record how the rights of a user or group differ from those before; nothing if they do not."""
    after = rights_of(holder) if holder.pk else {}
    changed = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    if not changed:
        return
    old = {name: before.get(name) for name in changed}
    new = {name: after.get(name) for name in changed}
    if isinstance(holder, User):
        record(MEMBERS_RIGHTS_CHANGED, holder, at=at, by=by, before=old, after=new)
    else:
        group = Reference("auth.group", holder.name[:80])
        record(MEMBERS_GROUP_CHANGED, group, at=at, by=by, before=old, after=new)
