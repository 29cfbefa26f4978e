"""How desks show what one person proposed and another decided."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from backoffice.access import StrOrPromise
from backoffice.names import staff_name
from backoffice.timeline import format_moment


def proposal_outcome(row: Any) -> StrOrPromise:
    """Return how a proposal was decided, by whom and when; empty while it is open."""
    if row.decided_at is None:
        return ""
    return _("%(status)s by %(name)s, %(moment)s") % {
        "status": row.get_status_display(), "name": staff_name(row.decider),
        "moment": format_moment(row.decided_at),
    }  # fmt: skip
