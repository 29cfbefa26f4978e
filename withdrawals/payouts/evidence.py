"""Save replies, notifications and vouchers word for word, encrypted and once."""

from __future__ import annotations

import hashlib
import json
from base64 import b64decode, b64encode
from datetime import datetime

from django.db import IntegrityError, transaction

from common import encryption
from common.bulk_insert import insert
from common.errors import PermissionMissing, violated_constraint
from events.services import record
from members.models import User
from members.pictures import read_picture
from withdrawals.errors import InvalidVoucher, VoucherAlreadyUsed
from withdrawals.events import WITHDRAWALS_VOUCHER_OPENED
from withdrawals.gateways.base import ProviderReply
from withdrawals.models import Evidence
from withdrawals.permissions import FINANCE

MAX_VOUCHER_SIZE = 10 * 2**20
VOUCHER_SIGNATURES = {"jpg": b"\xff\xd8\xff", "png": b"\x89PNG\r\n\x1a\n", "pdf": b"%PDF-"}
"""The first bytes of the accepted files, by the ending of their names."""
LOOKED_AT = 64


def save_evidence(
    kind: Evidence.Kind, text: str, *, at: datetime, external_id: str | None = None
) -> Evidence:
    """Save one piece of evidence; ``external_id`` is unique."""
    evidence = _evidence(kind, text, at, external_id)
    evidence.save(force_insert=True)
    return evidence


def save_evidence_once(
    kind: Evidence.Kind, text: str, *, at: datetime, external_id: str
) -> Evidence | None:
    """Save evidence with an external id; return ``None`` if that id exists already."""
    try:
        with transaction.atomic():
            return save_evidence(kind, text, at=at, external_id=external_id)
    except IntegrityError as error:
        if violated_constraint(error) != "evidence_external_id_unique":
            raise
        return None


def save_replies(replies: list[ProviderReply], *, at: datetime) -> list[Evidence]:
    """Save signed replies in one statement, and return them in their order."""
    texts = [json.dumps(dict(reply.raw), default=str) for reply in replies]
    rows = [_evidence(Evidence.Kind.REPLY, text, at) for text in texts]
    insert(rows)
    return rows


def save_voucher(voucher: bytes, *, at: datetime) -> Evidence:
    """Save the file that proves one payment.

    :raises InvalidVoucher: the file is no JPEG, PNG or PDF, or larger than 10 MB
    :raises PictureUnreadable, PictureTooLarge: as for ``read_picture``
    :raises VoucherAlreadyUsed: the voucher proves another payment
    """
    signatures = tuple(VOUCHER_SIGNATURES.values())
    if not voucher.startswith(signatures) or len(voucher) > MAX_VOUCHER_SIZE:
        raise InvalidVoucher
    if not voucher.startswith(VOUCHER_SIGNATURES["pdf"]):
        read_picture(voucher, edge=LOOKED_AT)  # it shows something
    name = f"voucher:{hashlib.sha256(voucher).hexdigest()}"
    evidence = save_evidence_once(
        Evidence.Kind.VOUCHER, b64encode(voucher).decode(), at=at, external_id=name
    )
    if evidence is None:
        raise VoucherAlreadyUsed
    return evidence


@transaction.atomic
def open_voucher(*, evidence: Evidence, by: User, at: datetime) -> bytes:
    """Return the decrypted voucher, and record the access.

    :raises PermissionMissing: no finance role, or the evidence is not a file
    """
    if not by.has_perm(FINANCE) or not evidence.is_file:
        raise PermissionMissing
    record(WITHDRAWALS_VOUCHER_OPENED, evidence, at=at, by=by)
    return b64decode(encryption.decrypt(evidence.content_encrypted))


def _evidence(
    kind: Evidence.Kind, text: str, at: datetime, external_id: str | None = None
) -> Evidence:
    return Evidence(
        kind=kind,
        external_id=external_id,
        content_encrypted=encryption.encrypt(text),
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        at=at,
    )
