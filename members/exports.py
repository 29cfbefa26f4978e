"""Everything that the shop knows about a member, for the member.

A higher room adds its part in its ``AppConfig.ready``: ``exports.register("orders", read)``, where
``read(member)`` returns what JSON can carry.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from common import clock, encryption
from members.avatars import avatar_url
from members.models import AgreementAcceptance, Identity, Member, MemberSession, Upload

Reader = Callable[[Member], Any]
_READERS: dict[str, Reader] = {}


def register(name: str, read: Reader) -> None:
    """Add a part to the export."""
    if _READERS.setdefault(name, read) is not read:
        raise ValueError(f"Two rooms export “{name}”.")


def export(member: Member) -> dict[str, Any]:
    """Return every part by name, also of the members merged into this one."""
    persons = Member.objects.of_person(member.pk).order_by("pk")
    own = {
        "profiles": [_profile(person) for person in persons],
        "identities": [
            {"provider": row.provider, "external_id": row.external_id}
            for row in Identity.objects.filter(member__in=persons).order_by("pk")
        ],
        "uploads": [_upload(row) for row in Upload.objects.of_person(member).readable()],
        "sessions": [_session(row) for row in MemberSession.objects.of_person(member)],
        "agreements": [
            {
                "kind": row.agreement.kind,
                "version": row.agreement.version,
                "accepted_at": _moment(row.accepted_at),
            }
            for row in AgreementAcceptance.objects.filter(member__in=persons)
            .select_related("agreement")
            .order_by("pk")
        ],
    }
    return own | {name: read(member) for name, read in sorted(_READERS.items())}


def _profile(member: Member) -> dict[str, Any]:
    return {
        "id": member.public_id,
        "nickname": member.nickname,
        "avatar": avatar_url(member),
        "province": member.province,
        "city": member.city,
        "phone": encryption.decrypt_or_blank(member.phone_encrypted),
        "joined_at": _moment(member.joined_at),
    }


def _upload(upload: Upload) -> dict[str, Any]:
    return {
        "id": upload.public_id,
        "purpose": upload.purpose,
        "size": upload.size,
        "uploaded_at": _moment(upload.created_at),
    }


def _session(session: MemberSession) -> dict[str, Any]:
    return {
        "id": session.public_id,
        "device": session.device,
        "app_id": session.app_id,
        "started_at": _moment(session.started_at),
        "last_used_at": _moment(session.last_used_at),
        "share": session.share,
        "anonymous_id": session.anonymous_id,
    }


def _moment(at: datetime) -> str:
    return at.astimezone(clock.SHANGHAI).isoformat()
