"""Personal data comes under the first of the keys, so that an old one can be thrown away."""

from __future__ import annotations

from django.db import models, transaction

from common import sealing
from withdrawals.models import Attempt, Evidence, Payee, Person

SEALED: dict[type[models.Model], tuple[str, ...]] = {
    Person: ("name_sealed", "id_number_sealed"),
    Payee: ("account_sealed", "authorization_sealed"),
    Attempt: ("bill_sealed",),
    Evidence: ("sealed",),
}


def reseal(model: type[models.Model], *, after: int = 0, most: int = 500) -> int | None:
    """Bring the next rows of a model under the first key.

    :param after: the key of the last row that is done
    :returns: the same of this time; ``None`` when there are no more
    :raises CannotOpen: a key is missing
    """
    fields = SEALED[model]
    with transaction.atomic():
        rows = model._default_manager.filter(pk__gt=after).order_by("pk")
        some = list(rows.select_for_update(no_key=True)[:most])
        for row in some:
            for field in fields:
                if token := getattr(row, field):
                    setattr(row, field, sealing.reseal(token))
        model._default_manager.bulk_update(some, fields)
    return some[-1].pk if some else None
