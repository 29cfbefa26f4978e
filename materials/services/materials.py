"""Publish and withdraw materials."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from catalog.queries import product_facts
from common.errors import TwotierError
from common.requirements import require_permission, require_reason
from materials.events import MATERIALS_PUBLISHED, MATERIALS_WITHDRAWN
from materials.models import Material, MaterialFile
from materials.services import publishing
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
    """Show a material to its audience, as its next version.

    :raises PermissionMissing: ``by`` may not change materials
    :raises WrongStatus: it is published already
    :raises FilesMissing: its kind needs a picture or a video, and it has none
    :raises WordsForbidden: its title or text has words that the shop must not use
    """
    require_permission(by, CHANGE)
    publishing.lock(material)
    _require_files(material)
    _require_words(material, at)
    publishing.publish(material, event=MATERIALS_PUBLISHED, by=by, at=at)


def _require_files(material: Material) -> None:
    needed = NEEDED.get(material.kind)
    stored = material.files.filter(status=MaterialFile.Status.STORED, kind=needed)
    if needed and not stored.exists():
        raise FilesMissing


def _require_words(material: Material, at: datetime) -> None:
    product = material.product
    industry = product_facts([product], at=at)[product.pk].industry if product else ""
    require_words(material.title, material.text, industry=industry)


def require_words(*texts: str, industry: str = "") -> None:
    """Refuse texts with words that the shop must not use.

    Each is checked alone: the end of a title and the beginning of a text together are no word.

    :raises WordsForbidden: names them
    """
    words = [word for text in texts for word in check_words(text, industry)]
    if words:
        raise WordsForbidden(words="、".join(dict.fromkeys(words)))


@transaction.atomic
def withdraw_material(*, material: Material, reason: str, by: User, at: datetime) -> None:
    """Hide a material and its files from members; it can be changed and published again.

    :raises PermissionMissing: ``by`` may not change materials
    :raises ReasonRequired: the reason is empty
    :raises WrongStatus: it is not published
    """
    require_permission(by, CHANGE)
    reason = require_reason(reason)
    publishing.lock(material)
    publishing.withdraw(material, reason=reason, event=MATERIALS_WITHDRAWN, by=by, at=at)
