"""Addresses of files: signed and valid for an hour or two, because an ``<img>`` sends no token."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from django.conf import settings
from django.core import signing
from django.utils.crypto import constant_time_compare

from materials.models import Campaign, MaterialFile
from members.models import Member

HOUR = timedelta(hours=1)
ARCHIVE_VALID = timedelta(minutes=10)
FILES, ARCHIVES = "materials.files", "materials.archives"
EXTENSIONS = {MaterialFile.Kind.VIDEO: "mp4", MaterialFile.Kind.PICTURE: "jpg"}
Variant = MaterialFile.Variant


@dataclass(frozen=True, slots=True)
class ArchiveAddress:
    url: str
    expires_at: datetime


def file_url(file: MaterialFile, variant: str, *, at: datetime) -> str:
    """Return the address of a variant. It stays the same for an hour, so that browsers cache it."""
    until = at.replace(minute=0, second=0, microsecond=0) + 2 * HOUR
    name = f"{file.public_id}/{variant}.{EXTENSIONS[MaterialFile.Kind(file.kind)]}"
    return f"{settings.PUBLIC_URL}/media/materials/{name}?{_signature(FILES, name, until)}"


def card_url(file: MaterialFile, variant: str) -> str:
    """Return the public address of a picture for cards: WeChat and friends have no signed one."""
    name = file.path_of(variant).rpartition("/")[2]
    return f"{settings.PUBLIC_URL}/media/materials/cards/{name}"


def archive_address(campaign: Campaign, member: Member, *, at: datetime) -> ArchiveAddress:
    """Return the address of a campaign's ZIP for a member, valid for ten minutes."""
    until = at + ARCHIVE_VALID
    name = f"{campaign.public_id}/{member.public_id}.zip"
    query = _signature(ARCHIVES, name, until)
    url = f"{settings.PUBLIC_URL}/media/materials/archives/{name}?{query}"
    return ArchiveAddress(url, until)


def is_signed(purpose: str, name: str, *, until: str, key: str, at: datetime) -> bool:
    """Return whether an address is ours and still valid.

    :param purpose: ``FILES`` or ``ARCHIVES``: a signature of one is no good for the other
    :param until: seconds since 1970 in digits, as in the address
    """
    if not (until.isascii() and until.isdigit() and len(until) <= 12):  # noqa: PLR2004 - seconds
        return False
    expected = _key(purpose, name, until)
    return constant_time_compare(key, expected) and at.timestamp() < int(until)


def valid_until(until: str) -> datetime:
    """Return the moment in an address that ``is_signed`` has accepted."""
    return datetime.fromtimestamp(int(until), UTC)


def _signature(purpose: str, name: str, until: datetime) -> str:
    moment = str(int(until.timestamp()))
    return urlencode({"until": moment, "key": _key(purpose, name, moment)})


def _key(purpose: str, name: str, until: str) -> str:
    return signing.Signer(salt=purpose).signature(f"{name}?{until}")
