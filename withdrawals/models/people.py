"""Real identities and payees: encrypted, and displayed as a mask."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.base_models import PublicIdField
from members.models import Member
from withdrawals.models.base import OwnedQuerySet, member_field


class PayeeQuerySet(OwnedQuerySet["Payee"]):
    def current(self, member: Member) -> PayeeQuerySet:
        """Return the account outside of the shop that a member is paid to: at most one."""
        return self.filter(member=member, retired_at=None).exclude(
            channel=Payee.Channel.STORE_CREDIT
        )


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
    """The account a member is paid to. Immutable: another account is another payee.

    Beside it a member has at most one payee of the channel store credit: their own wallet.
    """

    class Channel(models.TextChoices):
        WECHAT = "wechat", _("WeChat wallet")
        ALIPAY = "alipay", _("Alipay")
        BANK = "bank", _("bank account")
        STORE_CREDIT = "store_credit", _("store credit")

    public_id = PublicIdField()
    member = member_field(related_name="payees")
    channel = models.CharField(_("channel"), max_length=12, choices=Channel)
    account_encrypted = models.TextField(_("encrypted account"))
    account_mask = models.CharField(_("account"), max_length=20)
    account_fingerprint = models.CharField(
        _("fingerprint of the account"), max_length=64, db_index=True
    )
    bank = models.CharField(_("bank"), max_length=60, blank=True)
    app = models.CharField(
        _("app id"), max_length=32, blank=True, default="", db_default="",
        help_text=_("Of a WeChat account: empty for the mini-program."),
    )  # fmt: skip
    # The member's authorization of payments without confirmation, while it is in effect.
    authorization_encrypted = models.TextField(_("encrypted authorization"), blank=True)
    since = models.DateTimeField(_("since"))
    retired_at = models.DateTimeField(_("replaced at"), null=True, blank=True)

    objects: ClassVar[models.Manager[Payee]] = PayeeQuerySet.as_manager()

    class Meta:
        verbose_name = _("payee")
        verbose_name_plural = _("payees")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                "member",
                condition=Q(retired_at=None) & ~Q(channel="store_credit"),
                name="payee_member_unique",
            ),
            models.UniqueConstraint(
                "member",
                condition=Q(channel="store_credit"),
                name="payee_store_credit_unique",
            ),
            models.CheckConstraint(
                condition=Q(channel__in=["wechat", "alipay", "bank", "store_credit"]),
                name="payee_channel_valid",
            ),
            models.CheckConstraint(
                condition=Q(retired_at=None) | ~Q(channel="store_credit"),
                name="payee_store_credit_stays",
            ),
            models.CheckConstraint(
                condition=Q(channel="bank") | Q(bank=""), name="payee_bank_only_for_bank_accounts"
            ),
            models.CheckConstraint(
                condition=Q(channel="wechat") | Q(app=""), name="payee_app_only_for_wechat"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()} {self.account_mask}".strip()
