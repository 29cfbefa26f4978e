"""Encrypt all personal data with the first of FIELD_ENCRYPTION_KEYS."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from common.encryption import DecryptionFailed
from withdrawals.encryption_rotation import ENCRYPTED_FIELDS, rotate_encryption


class Command(BaseCommand):
    help = _(
        "Encrypt all personal data with the first of FIELD_ENCRYPTION_KEYS: put a new key in front,"
        " restart, run this, and remove the old key. It is idempotent and safe"
        " while the shop is open."
    )

    def handle(self, **options: Any) -> None:
        for model in ENCRYPTED_FIELDS:
            last: int | None = 0
            while last is not None:
                try:
                    last = rotate_encryption(model, after=last)
                except DecryptionFailed as error:
                    raise CommandError(str(error)) from None
            self.stdout.write(_("%(what)s: done") % {"what": model._meta.verbose_name_plural})
