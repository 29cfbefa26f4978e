"""System checks of shares."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, register
from django.core.checks import Warning as CheckWarning

from sharing.links import MAX_LINK, link_of
from sharing.models.shares import CODE_LENGTH


@register()
def short_links_fit(**_: Any) -> list[CheckMessage]:
    """Links of shares are short enough for the QR code of a poster."""
    length = len(link_of("x" * CODE_LENGTH).encode())
    if length <= MAX_LINK:
        return []
    return [
        CheckWarning(
            f"PUBLIC_URL is too long: links of shares have {length} bytes, and QR codes of posters"
            f" hold {MAX_LINK}.",
            hint="Use a shorter host name, or read the part on links in docs/sharing.md.",
            id="sharing.W001",
        )
    ]
