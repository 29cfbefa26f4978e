from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Channel(models.Model):
    """A payout channel that can be paused; ``all`` pauses every one: the kill switch."""

    ALL = "all"

    name = models.CharField(_("channel"), max_length=10, primary_key=True)
    paused_at = models.DateTimeField(_("paused at"), null=True, blank=True)
    pause_reason = models.CharField(_("reason for the pause"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("payout channel")
        verbose_name_plural = _("payout channels")
        constraints = [
            models.CheckConstraint(
                condition=Q(paused_at=None, pause_reason="")
                | (Q(paused_at__isnull=False) & ~Q(pause_reason="")),
                name="channel_pause_has_reason",
            )
        ]

    def __str__(self) -> str:
        return self.name
