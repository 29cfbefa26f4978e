"""Personal data comes under the first of the keys, so that an old one can be thrown away."""

from __future__ import annotations

from django.db import models, transaction

from common import encryption
from withdrawals.models import Attempt, Evidence, Payee, Person

ENCRYPTED_FIELDS: dict[type[models.Model], tuple[str, ...]] = {
    Person: ("name_encrypted", "id_number_encrypted"),
    Payee: ("account_encrypted", "authorization_encrypted"),
    Attempt: ("instruction_encrypted",),
    Evidence: ("content_encrypted",),
}


def rotate_encryption(model: type[models.Model], *, after: int = 0, limit: int = 500) -> int | None:
    """Bring the next rows of a model under the first key.

    :param after: the key of the last row that is done
    :returns: the same of this time; ``None`` when there are no more
    :raises CannotOpen: a key is missing
    """
    fields = ENCRYPTED_FIELDS[model]
    with transaction.atomic():
        rows = model._default_manager.filter(pk__gt=after).order_by("pk")
        some = list(rows.select_for_update(no_key=True)[:limit])
        for row in some:
            for field in fields:
                if token := getattr(row, field):
                    setattr(row, field, encryption.rotate_encryption(token))
        model._default_manager.bulk_update(some, fields)
    return some[-1].pk if some else None
