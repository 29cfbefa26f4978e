"""Clients of the API: servers that sign their requests."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from common import encryption
from common.base_models import PublicIdField

SCOPES = {
    "products:write": _("write products and categories"),
    "members:read": _("read members"),
    "members:write": _("write members, and open sessions for them"),
    "members:move_in": _("write members' past when a mall moves in"),
    "orders:read": _("read orders and quotes"),
    "orders:write": _("write orders"),
    "commissions:read": _("read commissions and distributors"),
    "withdrawals:read": _("read withdrawals"),
    "wallets:spend": _("spend store credit and points"),
    "coupons:use": _("use coupons and give them back"),
    "benefits:read": _("read coupons, gifts and multiples of points"),
    "events:read": _("read events"),
    "webhooks:write": _("manage webhook endpoints"),
}


class ApiClient(models.Model):
    """A server of the merchant. During a rotation it signs with either of two secrets."""

    public_id = PublicIdField()
    name = models.CharField(_("name"), max_length=80, unique=True)
    key = models.CharField(_("access key"), max_length=40, unique=True, editable=False)
    secret_encrypted = models.TextField(_("secret"), editable=False)
    old_secret_encrypted = models.TextField(_("previous secret"), editable=False, blank=True)
    scopes = ArrayField(
        models.CharField(max_length=40, choices=list(SCOPES.items())), verbose_name=_("scopes")
    )
    created_at = models.DateTimeField(_("created at"), editable=False)
    rotated_at = models.DateTimeField(_("secret changed at"), null=True, editable=False)
    last_used_at = models.DateTimeField(_("last used at"), null=True, editable=False)
    paused_at = models.DateTimeField(_("paused at"), null=True, editable=False)
    # By a person, until a person switches it on again.
    switched_off_at = models.DateTimeField(_("switched off at"), null=True, editable=False)
    revoked_at = models.DateTimeField(_("revoked on"), null=True, editable=False)

    class Meta:
        verbose_name = _("API client")
        verbose_name_plural = _("API clients")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(name=""), name="api_client_has_name"),
            models.CheckConstraint(
                condition=models.Q(scopes__contained_by=list(SCOPES)),
                name="api_client_scopes_known",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def source(self) -> str:
        """The name under which it is recorded who told something."""
        return f"api:{self.name}"[:64]

    @property
    def secrets(self) -> list[str]:
        """The secrets that it may sign with, the newest first."""
        tokens = (self.secret_encrypted, self.old_secret_encrypted)
        return [encryption.decrypt(token) for token in tokens if token]


class MemberMetadata(models.Model):
    """An object of the mall's own about a member, returned as it is."""

    identity = models.OneToOneField(
        "members.Identity", models.PROTECT, primary_key=True, related_name="metadata",
        verbose_name=_("id in the mall"),
    )  # fmt: skip
    data = models.JSONField(_("data"))

    class Meta:
        verbose_name = _("metadata of a member")
        verbose_name_plural = _("metadata of members")

    def __str__(self) -> str:
        return str(self.identity)
