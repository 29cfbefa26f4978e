"""Which commissions were created or changed, and how far the new ones are announced."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from common.base_models import Singleton


class CommissionUpdate(models.Model):
    """The commissions that one statement created or changed; written by triggers alone.

    Not a column of the commission: with an index on it, settlement could not update rows in place.
    Its triggers are in commissions/guards/updates.sql.
    """

    at = models.DateTimeField(_("at"), db_default=Now())
    created = models.BooleanField(_("created"), db_default=False)
    commission_ids = ArrayField(models.BigIntegerField(), verbose_name=_("commissions"))

    class Meta:
        verbose_name = _("update of commissions")
        verbose_name_plural = _("updates of commissions")
        indexes = [models.Index("at", "id", name="commission_update_order")]

    def __str__(self) -> str:
        return str(self.at)


class AnnouncedAccruals(Singleton):
    """Up to which update the members of new commissions got their events."""

    at = models.DateTimeField(_("at"), db_default=Now())
    update_id = models.BigIntegerField(_("update"), default=0)

    class Meta(Singleton.Meta):
        verbose_name = _("announced commissions")
        verbose_name_plural = _("announced commissions")

    def __str__(self) -> str:
        return str(self.at)
