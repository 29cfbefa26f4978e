"""System checks of posters."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.checks import Warning as CheckWarning

from posters.rendering import fonts


@register()
def complex_text_can_be_drawn(**_: Any) -> list[CheckMessage]:
    """Check that Pillow joins emoji: without a library of the system it silently does not."""
    if fonts.has_raqm():
        return []
    kind = Error if settings.PRODUCTION else CheckWarning
    return [
        kind(
            "Pillow draws posters without raqm: flags and emoji of several people fall apart.",
            hint="Install FriBiDi, on Debian: apt-get install libfribidi0.",
            id="posters.E001",
        )
    ]
