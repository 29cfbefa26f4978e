"""Ids that outsiders see: opaque, unguessable, and no hint at how many there are."""

from __future__ import annotations

import secrets
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's: nothing that reads like another letter
LENGTH = 20  # 100 random bits


def public_id() -> str:
    bits = secrets.randbits(5 * LENGTH)
    return "".join(ALPHABET[bits >> shift & 31] for shift in range(0, 5 * LENGTH, 5))


class PublicIdField(models.CharField):  # type: ignore[type-arg]
    """The id under which a row appears in the API, in facts and in references from other rooms."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs |= {
            "verbose_name": _("public id"),
            "max_length": LENGTH,
            "unique": True,
            "editable": False,
            "default": public_id,
        }
        super().__init__(*args, **kwargs)
