"""Public files are served under their name without end, and nothing else of the storage is."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from pytest_django import Settings


@pytest.fixture(autouse=True)
def media(settings: Settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.mark.parametrize("folder", ["products", "posters", "codes", "cards"])
@pytest.mark.parametrize(("kind", "content_type"), [("jpg", "image/jpeg"), ("png", "image/png")])
def test_a_public_file_may_be_cached_without_end(folder: str, kind: str, content_type: str) -> None:
    default_storage.save(f"{folder}/a1-b_2.{kind}", ContentFile(b"pixels"))
    answer = Client().get(f"/media/{folder}/a1-b_2.{kind}")
    assert answer.status_code == 200
    assert b"".join(answer.streaming_content) == b"pixels"  # type: ignore[attr-defined]
    assert answer["Content-Type"] == content_type
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert Client().post(f"/media/{folder}/a1-b_2.{kind}").status_code == 405


@pytest.mark.parametrize(
    "path",
    [
        "products/none.jpg", "uploads/a.jpg", "avatars/a.jpg", "products/a.svg", "products/a.html",
        "products/../uploads/a.jpg", "products/%2e%2e/uploads/a.jpg", "products/sub/a.jpg",
        "products/", "a.jpg", "products/a.jpg/", "products/" + "a" * 121 + ".jpg",
        "products/" + "图" * 120 + ".jpg",
        "products//etc/passwd", "products/..jpg",
    ],
)  # fmt: skip
@pytest.mark.django_db
def test_nothing_else_is_served(media: Path, path: str) -> None:
    for folder in ("uploads", "products/sub"):
        (media / folder).mkdir(parents=True)
        (media / folder / "a.jpg").write_bytes(b"secret")
    (media / "products" / "a.svg").write_bytes(b"<svg/>")
    answer = Client().get(f"/media/{path}")
    assert answer.status_code == 404
