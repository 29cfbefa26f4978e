from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length, Now
from django.db.models.lookups import LessThanOrEqual
from django.utils.translation import gettext_lazy as _

from common.base_models import Singleton, four_eyes
from ledger.chart import MEMBER_KINDS, PLATFORM_KINDS, Asset, Kind, Reason
from members.models import Member, User

MAX_AMOUNT = 10**15  # minor units: ten million million yuan
MAX_KEY_LENGTH = 150


def _in_chart() -> Q:
    members = Q()
    for asset, kinds in MEMBER_KINDS.items():
        members |= Q(asset=asset, kind__in=kinds)
    platform = Q()
    for kind, assets in PLATFORM_KINDS.items():
        platform |= Q(kind=kind, asset__in=assets)
    return (Q(member__isnull=False) & members) | (Q(member__isnull=True) & platform)


class Account(models.Model):
    """An account of a member (wallet, held or owed) or of the platform.

    Only a posting changes the balance, in the statement that inserts its transfers; the database
    rejects every other change, and every deletion.
    """

    member = models.ForeignKey(
        "members.Member",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="accounts",
        verbose_name=_("member"),
    )
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    asset = models.CharField(_("asset"), max_length=12, choices=Asset)
    balance = models.BigIntegerField(
        _("balance"),
        null=True,
        blank=True,
        help_text=_("In minor units, on the normal side; empty for platform accounts."),
    )
    # +1 where a credit raises the balance, −1 where a debit does.
    sign = models.GeneratedField(
        verbose_name=_("sign"),
        expression=models.Case(
            models.When(kind=Kind.OWED, then=-1),
            default=1,
            output_field=models.SmallIntegerField(),
        ),
        output_field=models.SmallIntegerField(),
        db_persist=True,
    )

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        constraints = [
            models.UniqueConstraint("member", "asset", "kind", name="account_member_unique"),
            models.UniqueConstraint(
                "kind",
                "asset",
                condition=Q(member__isnull=True),
                name="account_platform_unique",
            ),
            models.CheckConstraint(
                condition=Q(balance__gte=0), name="account_balance_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(member__isnull=True, balance__isnull=True)
                | Q(member__isnull=False, balance__isnull=False),
                name="account_balance_members_only",
            ),
            models.CheckConstraint(condition=_in_chart(), name="account_in_chart"),
        ]

    def __str__(self) -> str:
        owner = self.member if self.member_id else _("platform")
        return f"{owner} · {self.get_asset_display()} · {self.get_kind_display()}"


class TransferQuerySet(models.QuerySet["Transfer"]):
    def visible_to(self, person: User | AnonymousUser | Member) -> TransferQuerySet:
        """Return the transfers of the person's own accounts, or all for staff with permission."""
        if isinstance(person, Member):
            return self._of_person(person.pk)
        if person.is_staff and person.has_perm("ledger.view_transfer"):
            return self
        if not person.is_authenticated or person.member_id is None:
            return self.none()
        return self._of_person(person.member_id)

    def _of_person(self, member: int) -> TransferQuerySet:
        persons = Member.objects.of_person(member).values("pk")
        own = Account.objects.filter(member__in=persons).values("pk")
        return self.filter(Q(debit__in=own) | Q(credit__in=own))


class Transfer(models.Model):
    """One immutable movement of a positive amount: from the debited to the credited account."""

    # Longer than MAX_KEY_LENGTH: the keys of recoveries and reversals add a prefix.
    key = models.CharField(_("key"), max_length=200)
    # No foreign key constraints: checking them row by row takes half the time of a bulk posting.
    # A trigger checks both accounts once per statement; accounts are never deleted.
    debit = models.ForeignKey(
        Account, models.PROTECT, related_name="+", db_constraint=False, db_index=False,
        verbose_name=_("debited account"),
    )  # fmt: skip
    credit = models.ForeignKey(
        Account, models.PROTECT, related_name="+", db_constraint=False, db_index=False,
        verbose_name=_("credited account"),
    )  # fmt: skip
    asset = models.CharField(_("asset"), max_length=12, choices=Asset)
    amount = models.BigIntegerField(_("amount"), help_text=_("In minor units."))
    reason = models.CharField(_("reason"), max_length=12, choices=Reason)
    source_kind = models.CharField(_("source kind"), max_length=40)
    source_id = models.CharField(_("source"), max_length=80)
    effective_at = models.DateTimeField(_("effective at"))
    created_at = models.DateTimeField(_("posted at"), db_default=Now())
    debit_balance_after = models.BigIntegerField(_("debited account's balance after it"), null=True)
    credit_balance_after = models.BigIntegerField(
        _("credited account's balance after it"), null=True
    )
    occurred_at = models.DateTimeField(
        _("occurred at"),
        null=True,
        help_text=_("Set only for a late posting, whose own month was already closed."),
    )
    reverses = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="reversals", db_constraint=False,
        db_index=False, verbose_name=_("reverses"),
    )  # fmt: skip

    objects: ClassVar[models.Manager[Transfer]] = TransferQuerySet.as_manager()

    class Meta:
        verbose_name = _("transfer")
        verbose_name_plural = _("transfers")
        indexes = [
            models.Index("debit", "id", name="transfer_debit_idx"),
            models.Index("credit", "id", name="transfer_credit_idx"),
            # Rows lie in the order of their creation: a few pages are enough to find a day.
            BrinIndex(fields=["created_at"], name="transfer_by_day", autosummarize=True),
        ]
        constraints = [
            # unique=True would add a second index, for LIKE, which every posting would maintain.
            models.UniqueConstraint(fields=["key"], name="transfer_key_unique"),
            models.UniqueConstraint(
                "reverses", condition=Q(reverses__isnull=False), name="transfer_reverses_unique"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="transfer_amount_positive"),
            # Keeps every sum of transfers within a bigint.
            models.CheckConstraint(condition=Q(amount__lte=MAX_AMOUNT), name="transfer_amount_max"),
            models.CheckConstraint(
                condition=Q(LessThanOrEqual(Length("key"), MAX_KEY_LENGTH))
                | Q(key__startswith="recover:")
                | Q(key__startswith="reverse:"),
                name="transfer_key_length",
            ),
            models.CheckConstraint(
                condition=Q(debit_balance_after__gte=0) & Q(credit_balance_after__gte=0),
                name="transfer_balances_not_negative",
            ),
            models.CheckConstraint(
                condition=~Q(debit=F("credit")), name="transfer_accounts_differ"
            ),
            models.CheckConstraint(condition=~Q(key=""), name="transfer_key_not_empty"),
            models.CheckConstraint(
                condition=Q(reason=Reason.RECOVERY, key__startswith="recover:")
                | (~Q(reason=Reason.RECOVERY) & ~Q(key__startswith="recover:")),
                name="transfer_recovery_key_prefix",
            ),
            models.CheckConstraint(
                condition=Q(reason=Reason.REVERSAL, reverses__isnull=False)
                | (~Q(reason=Reason.REVERSAL) & Q(reverses__isnull=True)),
                name="transfer_reversal_has_original",
            ),
            models.CheckConstraint(
                condition=Q(reason__in=Reason.values), name="transfer_reason_valid"
            ),
        ]

    def __str__(self) -> str:
        return self.key


class Total(models.Model):
    """The sums of a platform account up to a transfer; a balance adds only the later ones."""

    account = models.OneToOneField(
        Account, models.PROTECT, primary_key=True, verbose_name=_("account")
    )
    credits = models.BigIntegerField(_("credits"))
    debits = models.BigIntegerField(_("debits"))
    last_transfer = models.BigIntegerField(_("last transfer"))

    class Meta:
        verbose_name = _("total")
        verbose_name_plural = _("totals")

    def __str__(self) -> str:
        return str(self.account)


class Period(models.Model):
    """A month in Shanghai time. Once closed, it accepts no further transfers.

    Two signatures close it, then it is hashed: ``content_hash`` covers its transfers,
    ``chain_hash`` the previous month's ``chain_hash`` and this ``content_hash``.
    """

    month = models.DateField(_("month"), unique=True, help_text=_("The first day of the month."))
    ends_at = models.DateTimeField(_("ends at"))
    first_signer = models.ForeignKey(
        "members.User", models.PROTECT, related_name="+", db_index=False,
        verbose_name=_("first signature"),
    )  # fmt: skip
    # The signer's member (0: none): two staff accounts of one member count as one person.
    first_signer_member = models.BigIntegerField(editable=False)
    first_signed_at = models.DateTimeField(_("first signed at"))
    second_signer = models.ForeignKey(
        "members.User", models.PROTECT, null=True, related_name="+", db_index=False,
        verbose_name=_("second signature"),
    )  # fmt: skip
    second_signer_member = models.BigIntegerField(null=True, editable=False)
    closed_at = models.DateTimeField(_("closed at"), null=True)
    hashed_at = models.DateTimeField(_("hashed at"), null=True)
    transfer_count = models.BigIntegerField(_("transfers"), null=True)
    content_hash = models.CharField(_("hash of its transfers"), max_length=64, blank=True)
    chain_hash = models.CharField(_("hash chained to the month before"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("accounting month")
        verbose_name_plural = _("accounting months")
        ordering = ["-month"]
        permissions = [("sign_period", _("Can sign the close of a month"))]
        constraints = [
            models.CheckConstraint(condition=Q(month__day=1), name="period_month_first_day"),
            models.CheckConstraint(
                condition=Q(second_signer=None, second_signer_member=None, closed_at=None)
                | Q(
                    second_signer__isnull=False,
                    second_signer_member__isnull=False,
                    closed_at__gte=F("ends_at"),
                ),
                name="period_closed_complete",
            ),
            four_eyes(
                "period_four_eyes",
                ("first_signer", "first_signer_member"),
                ("second_signer", "second_signer_member"),
            ),
            models.CheckConstraint(
                condition=Q(hashed_at=None, transfer_count=None, content_hash="", chain_hash="")
                | Q(
                    closed_at__isnull=False,
                    hashed_at__isnull=False,
                    transfer_count__gte=0,
                    content_hash__regex="^[0-9a-f]{64}$",
                    chain_hash__regex="^[0-9a-f]{64}$",
                ),
                name="period_hash_complete",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"


class TransferPosition(Singleton):
    """Up to which transfer a reader has read, and the next one that may be; see ``new_transfers``.

    ``writers``: the transactions that were writing transfers when ``tip`` was the highest key.
    """

    last_transfer = models.BigIntegerField(_("last transfer"), default=0)
    tip = models.BigIntegerField(_("highest transfer"), default=0)
    writers = models.JSONField(_("transactions"), default=list)

    class Meta(Singleton.Meta):
        abstract = True

    def __str__(self) -> str:
        return str(self.last_transfer)
