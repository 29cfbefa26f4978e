"""Which commissions were created or changed, for readers that follow the updates."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class CommissionUpdate(models.Model):
    """The commissions that one statement created or changed; written by triggers alone.

    Not a column of the commission: with an index on it, settlement could not update rows in place.
    Its triggers are in commissions/guards/updates.sql.
    """

    at = models.DateTimeField(_("at"), db_default=Now())
    commission_ids = ArrayField(models.BigIntegerField(), verbose_name=_("commissions"))

    class Meta:
        verbose_name = _("update of commissions")
        verbose_name_plural = _("updates of commissions")
        indexes = [models.Index("at", "id", name="commission_update_order")]

    def __str__(self) -> str:
        return str(self.at)
