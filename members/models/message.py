from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from members.models.people import Member


class WeChatMessage(models.Model):
    """A message that WeChat sent about a member. Its key is the same in every repetition."""

    key = models.CharField(_("message key"), max_length=64, unique=True)
    event = models.CharField(_("event"), max_length=80)
    member = models.ForeignKey(
        Member, models.PROTECT, null=True, related_name="+", verbose_name=_("member")
    )
    content_encrypted = models.TextField(_("encrypted content"))
    received_at = models.DateTimeField(_("arrived at"))

    class Meta:
        verbose_name = _("message of WeChat")
        verbose_name_plural = _("messages of WeChat")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.event} {self.key[:8]}"
