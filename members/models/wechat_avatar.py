"""Pictures that people have at WeChat."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from members.models.people import Member


class WeChatAvatar(models.Model):
    """The address of a picture that is to be fetched, and afterwards only its hash."""

    member = models.OneToOneField(
        Member, models.CASCADE, related_name="wechat_avatar", verbose_name=_("member")
    )
    url = models.CharField(_("address at WeChat"), max_length=500, blank=True)
    url_sha256 = models.CharField(_("SHA-256 of the address"), max_length=64)
    due_at = models.DateTimeField(_("to be fetched at"), null=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    reason = models.CharField(_("reason"), max_length=40, blank=True)

    class Meta:
        verbose_name = _("picture at WeChat")
        verbose_name_plural = _("pictures at WeChat")
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(due_at__isnull=False), name="wechat_avatar_due"
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(url="", due_at=None) | ~Q(url="") & Q(due_at__isnull=False),
                name="wechat_avatar_due_has_address",
            )
        ]

    def __str__(self) -> str:
        return str(self.member)
