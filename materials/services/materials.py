"""Publish and withdraw materials."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from catalog.queries import product_facts
from common import status
from common.errors import TwotierError
from common.locks import lock_rows
from common.requirements import require_permission, require_reason
from events.services import record
from materials.events import MATERIALS_PUBLISHED, MATERIALS_WITHDRAWN
from materials.models import Material, MaterialFile
from members.models import User
from sharing.wording import WordsForbidden, check_words

CHANGE = "materials.change_material"
NEEDED: dict[str, MaterialFile.Kind] = {
    Material.Kind.IMAGE: MaterialFile.Kind.PICTURE,
    Material.Kind.VIDEO: MaterialFile.Kind.VIDEO,
}


class FilesMissing(TwotierError):
    code = "material_files_missing"
    message = _("Upload the pictures or the video first. Nothing was published.")


@transaction.atomic
def publish_material(*, material: Material, by: User, at: datetime) -> None:
    """Show a material to those whom it is for, as its next version.

    :raises PermissionMissing: ``by`` may not change materials
    :raises WrongStatus: it is published already
    :raises FilesMissing: it has no picture or video
    :raises WordsForbidden: its title or text has words that the shop must not use
    """
    require_permission(by, CHANGE)
    _lock(material)
    _require_files(material)
    _require_words(material, at)
    status.move(
        material, to=Material.Status.PUBLISHED, version=material.version + 1, published_at=at,
        published_by=by, withdrawn_at=None, withdrawn_by=None, withdrawal_reason="",
    )  # fmt: skip
    record(MATERIALS_PUBLISHED, material, at=at, by=by, version=material.version)


def _require_files(material: Material) -> None:
    needed = NEEDED.get(material.kind)
    stored = material.files.filter(status=MaterialFile.Status.STORED, kind=needed)
    if needed and not stored.exists():
        raise FilesMissing


def _require_words(material: Material, at: datetime) -> None:
    product = material.product
    industry = product_facts([product], at=at)[product.pk].industry if product else ""
    # Each for itself: the end of one and the beginning of the other are no word.
    words = [*check_words(material.title, industry), *check_words(material.text, industry)]
    if words:
        raise WordsForbidden(words="、".join(dict.fromkeys(words)))


@transaction.atomic
def withdraw_material(*, material: Material, reason: str, by: User, at: datetime) -> None:
    """Hide a material and its files from members; it can be changed and published again.

    :raises PermissionMissing: ``by`` may not change materials
    :raises ReasonRequired: there is none
    :raises WrongStatus: it is not published
    """
    require_permission(by, CHANGE)
    reason = require_reason(reason)
    _lock(material)
    status.move(
        material, to=Material.Status.WITHDRAWN, withdrawn_at=at, withdrawn_by=by,
        withdrawal_reason=reason,
    )  # fmt: skip
    record(MATERIALS_WITHDRAWN, material, at=at, by=by, version=material.version, reason=reason)


def _lock(material: Material) -> None:
    lock_rows(Material.objects.filter(pk=material.pk))
    material.refresh_from_db()
