"""What a kind of notice says: versions that replace the shipped texts."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.base_models import PublicIdField
from notices.models.kinds import NoticeKind

MAX_TITLE, MAX_BODY = 40, 300
MAX_THING, MAX_PHRASE = 20, 5
"""What WeChat shows of a field ``thing`` and of a field ``phrase``."""


class WordingQuerySet(models.QuerySet["Wording"]):
    def in_force(self) -> WordingQuerySet:
        return self.filter(status=Wording.Status.IN_FORCE)


class Wording(models.Model):
    """A version of the texts of a kind of notice, and of the channels that it goes out by.

    A text that is empty is the shipped one. A version never changes: people save another one, try
    it, and put it into force. Notices keep the version that they were written with.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", _("saved")
        IN_FORCE = "in_force", _("in use")
        REPLACED = "replaced", _("replaced")

    COMES_FROM: ClassVar = {
        Status.IN_FORCE: [Status.DRAFT, Status.REPLACED],
        Status.REPLACED: [Status.IN_FORCE],
    }

    class Channels(models.TextChoices):
        NONE = "none", _("not sent")
        APP = "app", _("in the app")
        WECHAT = "wechat", _("in the app and by WeChat")

    public_id = PublicIdField()
    kind = models.CharField(_("kind"), max_length=24, choices=NoticeKind)
    number = models.PositiveIntegerField(_("version"))
    title_zh = models.CharField(_("title"), max_length=MAX_TITLE, blank=True)
    body_zh = models.CharField(_("text"), max_length=MAX_BODY, blank=True)
    title_en = models.CharField(_("English title"), max_length=MAX_TITLE, blank=True)
    body_en = models.CharField(_("English text"), max_length=MAX_BODY, blank=True)
    thing = models.CharField(_("sentence for WeChat"), max_length=MAX_THING, blank=True)
    phrase = models.CharField(_("word for WeChat"), max_length=MAX_PHRASE, blank=True)
    channels = models.CharField(_("channels"), max_length=8, choices=Channels)
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.DRAFT)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False,
        verbose_name=_("saved by"),
    )  # fmt: skip
    created_at = models.DateTimeField(_("created at"))
    # Of the latest time that it was put into force; the events have all of them.
    in_force_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False,
        verbose_name=_("put into force by"),
    )  # fmt: skip
    in_force_since = models.DateTimeField(_("put into force at"), null=True)

    objects: ClassVar[WordingQuerySet] = WordingQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("message template")
        verbose_name_plural = _("message templates")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "number"], name="wording_number_once"),
            models.UniqueConstraint(
                fields=["kind"], condition=Q(status="in_force"), name="wording_one_in_force"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "in_force", "replaced"]),
                name="wording_status_valid",
            ),
            models.CheckConstraint(
                condition=Q(channels__in=["none", "app", "wechat"]), name="wording_channels_valid"
            ),
            models.CheckConstraint(
                condition=Q(status="draft", in_force_since=None, in_force_by=None)
                | (~Q(status="draft") & Q(in_force_since__isnull=False, in_force_by__isnull=False)),
                name="wording_force_complete",
            ),
        ]

    def __str__(self) -> str:
        return str(
            _("%(kind)s, version %(number)s")
            % {"kind": self.get_kind_display(), "number": self.number}
        )
