"""Encrypt personal data with the first key, so that an old key can be removed."""

from __future__ import annotations

from django.db import models, transaction

from alarms.models import Digest
from backoffice.models import Export, ImportRow
from common import encryption
from members.models import Member, WeChatMessage
from withdrawals.models import Attempt, Evidence, Payee, PayoutAuthorization, Person

ENCRYPTED_FIELDS: dict[type[models.Model], tuple[str, ...]] = {
    Digest: ("robot_url_encrypted",),
    Export: ("search_encrypted",),
    ImportRow: ("content_encrypted",),
    Member: ("phone_encrypted",),
    WeChatMessage: ("content_encrypted",),
    Person: ("name_encrypted", "id_number_encrypted"),
    Payee: ("account_encrypted", "authorization_encrypted"),
    PayoutAuthorization: ("account_encrypted", "authorization_encrypted"),
    Attempt: ("instruction_encrypted",),
    Evidence: ("content_encrypted",),
}


def rotate_encryption(model: type[models.Model], *, after: int = 0, limit: int = 500) -> int | None:
    """Encrypt the next rows of a model with the first key.

    :param after: the primary key of the last processed row
    :returns: the last primary key of this batch; ``None`` after the last row
    :raises DecryptionFailed: a key is missing
    """
    fields = ENCRYPTED_FIELDS[model]
    with transaction.atomic():
        rows = model._default_manager.filter(pk__gt=after).order_by("pk")
        batch = list(rows.select_for_update(no_key=True)[:limit])
        # Rows without a token may be settled, such as an export that is done.
        rotated = [row for row in batch if any(getattr(row, field) for field in fields)]
        for row in rotated:
            for field in fields:
                if token := getattr(row, field):
                    setattr(row, field, encryption.rotate_encryption(token))
        model._default_manager.bulk_update(rotated, fields)
    return batch[-1].pk if batch else None
