"""Change the rights of staff, on record, and compare them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.errors import TwotierError
from common.requirements import require_permission
from events.models import Reference
from events.services import record
from members.events import MEMBERS_GROUP_CHANGED, MEMBERS_RIGHTS_CHANGED
from members.models import User

FLAGS = ("is_active", "is_staff", "is_superuser")
LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)


class RightsBeyondOwn(TwotierError):
    code = "rights_beyond_own"
    message = _(
        "You can give only rights that you have yourself, and only to people who have no more"
        " rights than you. Nothing was changed. Ask a superuser."
    )
    status = 403


@transaction.atomic
def change_rights(
    *,
    user: User,
    by: User | None,
    at: datetime,
    groups: Iterable[Group] | None = None,
    user_permissions: Iterable[Permission] | None = None,
    **flags: bool,
) -> None:
    """Change the rights of a staff user. Added rights restart the user's wait for reviews.

    :param by: the colleague who does it; None: code of the server
    :param groups: all groups from now on; None: as before; ``user_permissions`` likewise
    :param flags: any of ``is_active``, ``is_staff`` and ``is_superuser``
    :raises PermissionMissing: ``by`` may not change users
    :raises RightsBeyondOwn: the user has, or would get, a right that ``by`` lacks
    """
    stored = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    before, may_give = rights_of(stored), _rights_to_give(by)
    if by:
        require_permission(by, "members.change_user")
    _require_only(may_give, stored)
    with rights_changed_at(at):
        for name, value in flags.items():
            setattr(stored, name, value)
        stored.save(update_fields=[*flags])
        if groups is not None:
            stored.groups.set(groups)
        if user_permissions is not None:
            stored.user_permissions.set(user_permissions)
    _require_only(may_give, stored)
    record_rights(stored, before=before, at=at, by=by)


@transaction.atomic
def change_group(
    *,
    group: Group,
    permissions: Iterable[Permission],
    by: User | None,
    at: datetime,
    restart_wait: bool = True,
) -> None:
    """Save a group with these permissions. An added one restarts the wait of its users.

    :param by: a superuser; None: code of the server
    :param restart_wait: whether added permissions restart the wait
    :raises RightsBeyondOwn: ``by`` is not a superuser
    """
    if by and not by.is_superuser:
        raise RightsBeyondOwn
    before = rights_of(Group.objects.select_for_update().get(pk=group.pk)) if group.pk else {}
    with rights_changed_at(at if restart_wait else LONG_AGO):
        group.save()
        group.permissions.set(permissions)
    record_rights(group, before=before, at=at, by=by)


@transaction.atomic
def delete_group(*, group: Group, by: User, at: datetime) -> None:
    """Delete a group; its users lose its permissions.

    :raises RightsBeyondOwn: ``by`` is not a superuser
    """
    if not by.is_superuser:
        raise RightsBeyondOwn
    before = rights_of(group)
    group.delete()
    record_rights(group, before=before, at=at, by=by)


@contextmanager
def rights_changed_at(at: datetime) -> Iterator[None]:
    """Let the triggers count the wait for reviews from this moment inside the block.

    Without it they count from the database's present time.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_SET_CHANGED_AT, [at.isoformat()])
        yield
        cursor.execute(_SET_CHANGED_AT, [""])


_SET_CHANGED_AT = "SELECT set_config('twotier.rights_changed_at', %s, true)"


def has_rights_beyond(user: User, other: User) -> bool:
    """Return whether ``user`` has a right that ``other`` lacks.

    ``other`` could use that right after changing the user's address or password.
    """
    if other.is_superuser:
        return False
    return user.is_superuser or bool(_permission_ids(user) - _permission_ids(other))


def _rights_to_give(by: User | None) -> set[int] | None:
    """Return the ids of the permissions that ``by`` may give; None: all."""
    return None if by is None or by.is_superuser else _permission_ids(by)


def _require_only(may_give: set[int] | None, user: User) -> None:
    """Check that the user has no rights but these."""
    if may_give is not None and (user.is_superuser or _permission_ids(user) - may_give):
        raise RightsBeyondOwn


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


def record_rights(
    holder: User | Group, *, before: dict[str, Any], at: datetime, by: User | None
) -> None:
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
        record(MEMBERS_GROUP_CHANGED, role_reference(holder), at=at, by=by, before=old, after=new)


def role_reference(group: Group) -> Reference:
    """Return how events name a group; it has no id that outlives it."""
    return Reference("auth.group", group.name[:80])
