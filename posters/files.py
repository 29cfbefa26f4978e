"""Files of the room in the storage: written before their row says so, erased before it goes."""

from __future__ import annotations

import hashlib

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

FOLDER = "posters"


def path_for(*parts: str) -> str:
    """Return the path of the file that belongs to a row, and to no other."""
    return f"{FOLDER}/{hashlib.sha256(':'.join(parts).encode()).hexdigest()}.jpg"


def write(path: str, content: bytes) -> None:
    """Write a file, also over what a worker that died has left of it."""
    if default_storage.exists(path):
        default_storage.delete(path)
    default_storage.save(path, ContentFile(content))


def read(path: str) -> bytes | None:
    """Return the content of a file; ``None`` without a path, or if the file is gone."""
    if not path:
        return None
    try:
        with default_storage.open(path) as file:
            content: bytes = file.read()
            return content
    except FileNotFoundError:
        return None


def erase(path: str) -> None:
    if path:
        default_storage.delete(path)


def url(path: str) -> str:
    """Return the public address of a file; empty without a path."""
    return f"{settings.PUBLIC_URL}/media/{path}" if path else ""
