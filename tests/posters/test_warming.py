"""Workers draw thumbnails and shared layers before members ask."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from PIL import Image
from pytest_django import Settings

from members.models import Member
from posters.services import warm
from tests.cast import NOON
from tests.posters import studio

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def test_a_published_version_gets_a_thumbnail_and_layers(
    lan: Member, settings: Settings, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    template, mask = studio.template(), studio.mask()
    studio.open_for(lan, mask)
    version = template.versions.get()

    assert warm(kind="version", key=version.pk, at=NOON) == 2
    assert warm(kind="product", key=mask.pk, at=NOON) == 1
    assert warm(kind="product", key=10**6, at=NOON) == 0

    version.refresh_from_db()
    with default_storage.open(version.thumbnail) as file, Image.open(file) as image:
        assert image.size == (270, 480)
