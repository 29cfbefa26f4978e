"""How the ledger's flows are written for the accounting system of the company."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from closing.journal_columns import InvalidJournalColumns, parse_columns
from ledger.chart import Asset, Kind


def validate_columns(text: str) -> None:
    try:
        parse_columns(text)
    except InvalidJournalColumns as error:
        raise ValidationError(str(error), code=error.code) from None


class JournalAccount(models.Model):
    """The account of the company's books that a kind of account of the ledger belongs to."""

    asset = models.CharField(_("asset"), max_length=12, choices=Asset)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    code = models.CharField(_("code of the account"), max_length=40)
    name = models.CharField(_("name of the account"), max_length=100)

    class Meta:
        verbose_name = _("account of the books")
        verbose_name_plural = _("accounts of the books")
        ordering = ["code", "id"]
        constraints = [
            models.UniqueConstraint(fields=["asset", "kind"], name="journal_account_unique"),
            models.CheckConstraint(
                condition=~Q(code="") & ~Q(name=""), name="journal_account_not_empty"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class JournalFormat(models.Model):
    """A file that an accounting system imports: its columns, dates and encoding."""

    class Encoding(models.TextChoices):
        GB18030 = "gb18030", _("GB18030 (UFIDA, Kingdee)")
        UTF_8 = "utf-8-sig", _("UTF-8 (spreadsheets)")

    class DatePattern(models.TextChoices):
        DASHES = "%Y-%m-%d", "2026-11-27"
        SLASHES = "%Y/%m/%d", "2026/11/27"
        DIGITS = "%Y%m%d", "20261127"

    name = models.CharField(_("name"), max_length=40, unique=True)
    columns = models.TextField(_("columns"), validators=[validate_columns])
    word = models.CharField(_("word of the voucher"), max_length=10, default="记")
    encoding = models.CharField(
        _("encoding"), max_length=12, choices=Encoding, default=Encoding.GB18030
    )
    date_pattern = models.CharField(
        _("date"), max_length=12, choices=DatePattern, default=DatePattern.DASHES
    )

    class Meta:
        verbose_name = _("format of vouchers")
        verbose_name_plural = _("formats of vouchers")
        ordering = ["id"]
        permissions = [("export_journal", _("Can export journal vouchers"))]
        constraints = [
            models.CheckConstraint(
                condition=Q(encoding__in=["gb18030", "utf-8-sig"]),
                name="journal_format_encoding_valid",
            ),
            models.CheckConstraint(
                condition=Q(date_pattern__in=["%Y-%m-%d", "%Y/%m/%d", "%Y%m%d"]),
                name="journal_format_date_valid",
            ),
        ]

    def __str__(self) -> str:
        return self.name
