"""What industries are called: those of categories, and those that only templates have."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from catalog.models import Industry

NAMES: dict[str, str | Promise] = {
    **dict(Industry.choices),
    "festival": pgettext_lazy("industry", "festival"),
    "grocery": pgettext_lazy("industry", "grocery"),
    "luxury": pgettext_lazy("industry", "jewellery"),
    "sports": pgettext_lazy("industry", "sports"),
    "travel": pgettext_lazy("industry", "travel"),
    "general": pgettext_lazy("industry", "general"),
}


def industry_name(code: str) -> str:
    """Return what people call an industry; the code itself if it has no name."""
    return str(NAMES.get(code, code))
