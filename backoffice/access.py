"""Decide who may see what the rooms register: pages, blocks, figures, menu entries."""

from __future__ import annotations

from typing import Any

from django.utils.functional import Promise

StrOrPromise = str | Promise
Permission = str | tuple[str, ...]
"""One permission, or several: any of them is enough. Without any, all staff may."""


def is_allowed(user: Any, permission: Permission) -> bool:
    names = (permission,) if isinstance(permission, str) else permission
    return bool(user.is_active and user.is_staff) and (
        not names or any(user.has_perm(name) for name in names)
    )
