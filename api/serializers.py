"""Serializers that refuse what DRF ignores or converts: unknown fields, numbers as texts, NUL."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from common import clock

MAX_AMOUNT = 10**13  # fen
MAX_UNKNOWN = 100  # reported


class StrictSerializer(serializers.Serializer):
    """An object that may have no other fields than those declared; all errors are reported."""

    def to_internal_value(self, data: Any) -> Any:
        unknown = data.keys() - self.fields.keys() if isinstance(data, Mapping) else set()
        refused = {
            str(name): [ErrorDetail(_("There is no such field."), "unknown_field")]
            for name in sorted(unknown, key=str)[:MAX_UNKNOWN]
        }
        try:
            value = super().to_internal_value(data)
        except ValidationError as error:
            if not isinstance(error.detail, Mapping):
                raise
            raise ValidationError({**error.detail, **refused}) from None
        if refused:
            raise ValidationError(refused)
        return value


class Amount(serializers.IntegerField):
    """An amount in fen, or points: a JSON integer, never a text or a float."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"min_value": 0, "max_value": MAX_AMOUNT, **kwargs})

    def to_internal_value(self, data: Any) -> int:
        if type(data) is not int:
            self.fail("invalid")
        return int(data)


class Number(Amount):
    """A count: a JSON integer."""


class Text(serializers.CharField):
    """A text that the database can store; a number is no text."""

    default_error_messages = {"unwritable": _("This text has characters that cannot be stored.")}

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        if "\0" in data:
            self.fail("unwritable")
        return str(super().to_internal_value(data))


@extend_schema_field(OpenApiTypes.DATETIME)
class Moment(serializers.Field):
    """A time in ISO 8601 with its offset, such as ``2026-11-01T12:00:00+08:00``."""

    default_error_messages = {
        "invalid": _("Give a time with its offset, such as 2026-11-01T12:00:00+08:00.")
    }

    def to_internal_value(self, data: Any) -> datetime:
        moment = clock.parse(data) if isinstance(data, str) else None
        with suppress(OverflowError):
            # In UTC: the database takes no offset above 16 hours.
            in_utc = moment and moment.astimezone(UTC)
            if in_utc and clock.EARLIEST_TIME <= in_utc < clock.LATEST_TIME:
                return in_utc
        raise ValidationError(self.error_messages["invalid"], "invalid")

    def to_representation(self, value: datetime) -> str:
        return value.astimezone(clock.SHANGHAI).isoformat()


class PeriodFilters(StrictSerializer):
    """The filters ``from`` (inclusive) and ``to`` (exclusive) of a list."""

    to = Moment(required=False)

    def get_fields(self) -> dict[str, serializers.Field]:
        # "from" is no name in Python.
        return {"from": Moment(required=False), **super().get_fields()}


def within_period(values: Mapping[str, Any], column: str) -> dict[str, datetime]:
    """Return the conditions of ``PeriodFilters`` on a column of times."""
    lookups = {"from": f"{column}__gte", "to": f"{column}__lt"}
    return {lookup: values[name] for name, lookup in lookups.items() if name in values}
