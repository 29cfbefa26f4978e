"""What industries are called: those of categories, and those that only templates have."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from catalog.models import Industry

NAMES: dict[str, str | Promise] = {
    **dict(Industry.choices),
    "festival": _("festival"),
    "grocery": _("grocery"),
    "luxury": _("jewellery"),
    "sports": _("sports"),
    "travel": _("travel"),
    "general": _("general"),
}


def industry_name(code: str) -> str:
    """Return what people call an industry; the code itself if it has no name."""
    return str(NAMES.get(code, code))
