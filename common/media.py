"""Files that everybody may see: named after their content, so that an address never changes."""

from __future__ import annotations

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage


def public_url(path: str) -> str:
    """Return the public address of a file of the default storage; empty for an empty path."""
    return f"{settings.PUBLIC_URL}{local_url(path)}" if path else ""


def local_url(path: str) -> str:
    """Return the address of a file for a page of this host."""
    return f"/media/{path}"


def save_once(path: str, content: bytes) -> None:
    """Save a file under a name that belongs to its content; repetitions change nothing.

    A file that a crash has left half written is replaced.
    """
    if default_storage.exists(path):
        if default_storage.size(path) == len(content):
            return
        default_storage.delete(path)
    saved = default_storage.save(path, ContentFile(content))
    if saved != path:  # another process was faster
        default_storage.delete(saved)
