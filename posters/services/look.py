"""Change what posters show of the shop."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from common.errors import TwotierError
from common.media import save_once
from common.requirements import require_permission
from events.changes import change
from members.models import User
from members.pictures import read_picture
from posters import files
from posters.events import POSTERS_LOOK_CHANGED
from posters.models import ShopLook
from sharing.wording import require_allowed_words

LOGO_EDGE = 640
MAX_LOGO_BYTES = 2 * 2**20
TEXTS = ("name", "slogan", "cta", "cta2", "footer")


class InvalidLook(TwotierError):
    code = "poster_look_invalid"
    message = _("A text is too long for posters. Nothing was changed.")
    status = 400


class LogoTooLarge(TwotierError):
    code = "poster_logo_too_large"
    message = _("The logo has more than 2 MiB. Choose a smaller file.")
    status = 400


def change_look(*, by: User, at: datetime, **changes: Any) -> ShopLook:
    """Change texts and the mark of advertising, for the posters of future requests.

    :param changes: fields of ``ShopLook`` and their new values
    :raises PermissionMissing: ``by`` may not change the look
    :raises WordsForbidden: a text has words that advertising may not use
    :raises InvalidLook: a text is too long
    """
    require_permission(by, "posters.change_shoplook")
    for name in TEXTS:
        if text := changes.get(name):
            require_allowed_words(text)
    return change(
        ShopLook.objects.filter(pk=1), changes,
        event_type=POSTERS_LOOK_CHANGED, refusal=InvalidLook, at=at, by=by,
    )  # fmt: skip


def change_logo(*, raw: bytes, by: User, at: datetime) -> ShopLook:
    """Store another logo, or none if ``raw`` is empty. Files of former logos stay for old posters.

    :raises PermissionMissing: ``by`` may not change the look
    :raises LogoTooLarge: it has more than ``MAX_LOGO_BYTES``
    :raises PictureUnreadable: it is damaged, or neither JPEG, PNG nor WebP
    :raises PictureTooLarge: it has too many pixels
    """
    require_permission(by, "posters.change_shoplook")
    if len(raw) > MAX_LOGO_BYTES:
        raise LogoTooLarge
    path = ""
    if raw:
        content = read_picture(raw, edge=LOGO_EDGE).content
        path = files.path_for("logo", hashlib.sha256(content).hexdigest())
        save_once(path, content)  # before the transaction: the storage may be far away
    return change_look(logo=path, by=by, at=at)
