"""The codes of the mini-program that stand for shares, and the state of fetching them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.base_models import Singleton
from sharing.models.shares import Share


class MiniProgramCode(models.Model):
    """A share's code picture in one app, page and version of the mini-program."""

    share = models.ForeignKey(
        Share, models.CASCADE, related_name="mini_codes", verbose_name=_("share"), db_index=False
    )
    app_id = models.CharField(_("app id"), max_length=64)
    page = models.CharField(_("page"), max_length=128)
    env = models.CharField(_("version of the mini-program"), max_length=10)
    # In the file storage; empty until WeChat has given it.
    path = models.CharField(_("file"), max_length=100, blank=True)
    requested_at = models.DateTimeField(_("requested at"))
    next_at = models.DateTimeField(_("next attempt at"))
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    fetched_at = models.DateTimeField(_("fetched at"), null=True)

    class Meta:
        verbose_name = _("mini-program code")
        verbose_name_plural = _("mini-program codes")
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["next_at", "id"], name="mini_code_to_fetch", condition=Q(fetched_at=None)
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["share", "app_id", "page", "env"], name="mini_code_once"
            ),
            models.CheckConstraint(
                condition=Q(fetched_at=None, path="") | Q(fetched_at__isnull=False) & ~Q(path=""),
                name="mini_code_fetched_complete",
            ),
        ]

    def __str__(self) -> str:
        return str(self.share)


class CodeFetching(Singleton):
    """The one row about refusals of WeChat: until ``paused_until`` no worker asks for codes."""

    paused_until = models.DateTimeField(_("paused until"), null=True)
    failing_since = models.DateTimeField(_("failing since"), null=True)
    failures = models.PositiveIntegerField(_("failures in a row"), default=0)
    last_error = models.CharField(_("last error"), max_length=80, blank=True)

    class Meta(Singleton.Meta):
        verbose_name = _("fetching of mini-program codes")
        verbose_name_plural = _("fetching of mini-program codes")

    def __str__(self) -> str:
        return str(self._meta.verbose_name)
