"""The addresses of shares: the short link, and the stored code of the mini-program."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.core.files.storage import default_storage

from common.media import public_url
from sharing.models import MiniProgramCode, Share
from wechat.gateway import gateway

MAX_LINK = 42  # bytes: a longer one needs a larger QR code, see docs/sharing.md
LINK_PREFIX = "/s/"


@dataclass(frozen=True, slots=True)
class CodePicture:
    """A stored code of the mini-program."""

    path: str
    """In the file storage."""

    @property
    def url(self) -> str:
        return public_url(self.path)

    def read(self) -> bytes:
        with default_storage.open(self.path, "rb") as file:
            content: bytes = file.read()
        return content


def link_of(code: str) -> str:
    """Return the address of our page for a code, stored or compound."""
    return f"{settings.PUBLIC_URL}{LINK_PREFIX}{code}"


def short_url(share: Share) -> str:
    """Return the address that a QR code carries: at most 42 bytes, which a check proves."""
    return link_of(share.code)


def poster_code(share: Share) -> CodePicture | None:
    """Return the stored code of the mini-program; ``None``: draw a QR code of the link instead.

    The event ``sharing.code_stored`` reports that a code has been stored.
    """
    wechat = gateway()
    if wechat is None or not share.pk:
        return None
    rows = MiniProgramCode.objects.filter(share=share, fetched_at__isnull=False)
    row = rows.filter(**code_version(wechat.mini_app)).first()
    return CodePicture(row.path) if row else None


def code_version(app_id: str) -> dict[str, str]:
    """Return the fields of ``MiniProgramCode`` with app, page and version as they are set now."""
    return {
        "app_id": app_id, "page": settings.WECHAT_SHARE_PAGE, "env": settings.WECHAT_MINI_ENV,
    }  # fmt: skip
