"""Real identities and payees: encrypted, and displayed as a mask."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.base_models import PublicIdField
from withdrawals.models.base import OwnedQuerySet, member_field


class Person(models.Model):
    """A member's real identity. Only services decrypt it, and they record each access."""

    member = models.OneToOneField(
        "members.Member", models.PROTECT, primary_key=True, related_name="person",
        verbose_name=_("member"),
    )  # fmt: skip
    name_encrypted = models.TextField(_("encrypted name"))
    name_mask = models.CharField(_("real name"), max_length=40)
    name_fingerprint = models.CharField(_("fingerprint of the name"), max_length=64)
    id_number_encrypted = models.TextField(_("encrypted ID number"), blank=True)
    id_number_mask = models.CharField(_("ID number"), max_length=20, blank=True)
    id_number_fingerprint = models.CharField(
        _("fingerprint of the ID number"), max_length=64, blank=True, db_index=True
    )
    changed_at = models.DateTimeField(_("changed at"))

    class Meta:
        verbose_name = _("real identity")
        verbose_name_plural = _("real identities")
        permissions = [("unmask_person", _("Can unmask real names, ID numbers and accounts"))]

    def __str__(self) -> str:
        return f"{self.member} {self.name_mask}"


class Payee(models.Model):
    """The account a member is paid to. Immutable: another account is another payee."""

    class Channel(models.TextChoices):
        WECHAT = "wechat", _("WeChat wallet")
        ALIPAY = "alipay", _("Alipay")
        BANK = "bank", _("bank account")

    public_id = PublicIdField()
    member = member_field(related_name="payees")
    channel = models.CharField(_("channel"), max_length=8, choices=Channel)
    account_encrypted = models.TextField(_("encrypted account"))
    account_mask = models.CharField(_("account"), max_length=20)
    account_fingerprint = models.CharField(
        _("fingerprint of the account"), max_length=64, db_index=True
    )
    bank = models.CharField(_("bank"), max_length=60, blank=True)
    # The member's authorization of payments without confirmation.
    authorization_encrypted = models.TextField(_("encrypted authorization"), blank=True)
    since = models.DateTimeField(_("since"))
    retired_at = models.DateTimeField(_("replaced at"), null=True, blank=True)

    objects: ClassVar[models.Manager[Payee]] = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = _("payee")
        verbose_name_plural = _("payees")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                "member", condition=Q(retired_at=None), name="payee_member_unique"
            ),
            models.CheckConstraint(
                condition=Q(channel__in=["wechat", "alipay", "bank"]), name="payee_channel_valid"
            ),
            models.CheckConstraint(
                condition=Q(channel="bank") | Q(bank=""), name="payee_bank_only_for_bank_accounts"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()} {self.account_mask}"
