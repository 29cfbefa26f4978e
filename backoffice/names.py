"""Name members of staff as their colleagues know them."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _


def staff_name(user: Any) -> str:
    """Return the full name of a member of staff, or the name of the account without one."""
    if user is None:
        return _("the system")
    return str(user.get_full_name() or user.get_username())
