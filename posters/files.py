"""Store and erase the files of posters: a file never outlives its row."""

from __future__ import annotations

import hashlib

from django.core.files.storage import default_storage

from posters.models import Poster

FOLDER = "posters"


def path_for(*parts: str) -> str:
    """Return the path of a JPEG that belongs to one row.

    :param parts: values that identify the row
    """
    return f"{FOLDER}/{hashlib.sha256(':'.join(parts).encode()).hexdigest()}.jpg"


def path_of(poster: Poster) -> str:
    """Return the path of a poster, also before it is drawn."""
    return path_for(poster.key, poster.public_id)


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
    """Delete a file, if there is one; nothing happens for an empty path."""
    if path:
        default_storage.delete(path)
