"""What was said or shown is kept, word by word: sealed, and once."""

from __future__ import annotations

import hashlib
import json
from base64 import b64decode, b64encode
from datetime import datetime

from django.db import IntegrityError, transaction

from common import encryption
from common.bulk_insert import insert
from common.db_errors import violated_constraint
from events.services import record
from members.models import User
from withdrawals.errors import InvalidVoucher, NotAllowed, VoucherAlreadyUsed
from withdrawals.events import WITHDRAWALS_VOUCHER_OPENED
from withdrawals.gateways.base import ProviderReply
from withdrawals.models import Evidence
from withdrawals.permissions import FINANCE

MAX_VOUCHER_SIZE = 10 * 2**20
VOUCHER_SIGNATURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"%PDF-")


def save_evidence(kind: Evidence.Kind, text: str, *, at: datetime) -> Evidence:
    """For what comes once, whatever it is."""
    [kept] = _insert([_evidence(kind, text, at)])
    return kept


def save_replies(answers: list[ProviderReply], *, at: datetime) -> list[Evidence]:
    """Signed answers, in their order; one statement for all of them."""
    texts = [json.dumps(dict(answer.raw), default=str) for answer in answers]
    return _insert([_evidence(Evidence.Kind.REPLY, text, at) for text in texts])


def save_evidence_once(
    kind: Evidence.Kind, text: str, *, at: datetime, external_id: str
) -> Evidence | None:
    """``None`` if something with that id is kept already."""
    try:
        with transaction.atomic():
            [kept] = _insert([_evidence(kind, text, at, external_id)])
            return kept
    except IntegrityError as error:
        if violated_constraint(error) != "evidence_external_id_unique":
            raise
        return None


def save_voucher(voucher: bytes, *, at: datetime) -> Evidence:
    """A file that a person shows as the proof of one payment.

    :raises NotAVoucher: it is no JPEG, PNG or PDF, or larger than 10 MB
    :raises VoucherUsed: another payment was proven by it
    """
    if not voucher.startswith(VOUCHER_SIGNATURES) or len(voucher) > MAX_VOUCHER_SIZE:
        raise InvalidVoucher
    name = f"voucher:{hashlib.sha256(voucher).hexdigest()}"
    kept = save_evidence_once(
        Evidence.Kind.VOUCHER, b64encode(voucher).decode(), at=at, external_id=name
    )
    if kept is None:
        raise VoucherAlreadyUsed
    return kept


@transaction.atomic
def open_voucher(*, evidence: Evidence, by: User, at: datetime) -> bytes:
    """The file that a person has shown; who opens it is on record.

    :raises NotAllowed: no role of finance, or it is no file
    """
    if not by.has_perm(FINANCE) or not evidence.is_file:
        raise NotAllowed
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


def _insert(rows: list[Evidence]) -> list[Evidence]:
    insert(rows)
    return rows
