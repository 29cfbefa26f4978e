"""Show uploads on pages of the admin, through the view that asks for the right to see them."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse
from django.utils.html import format_html_join

from members.models import Upload

HEIGHT = 120  # pixels


def thumbnails(uploads: Iterable[Upload]) -> str:
    """Return small pictures that link to the large ones."""
    addresses = ((reverse("member_upload", args=[row.public_id]), row) for row in uploads)
    return format_html_join(
        " ",
        '<a href="{}" target="_blank" rel="noopener" class="inline-block">'
        '<img src="{}" alt="{}" height="{}" loading="lazy"></a>',
        ((address, address, row.public_id, HEIGHT) for address, row in addresses),
    )
