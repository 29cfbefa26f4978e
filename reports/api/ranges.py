"""A range of days, as several calls take it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from api.serializers import StrictSerializer
from common import clock
from common.clock import business_day

MAX_DAYS = 400


class DayRange(StrictSerializer):
    """The days ``first`` to ``last``, both of them included."""

    first = serializers.DateField()
    last = serializers.DateField()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not timedelta(0) <= attrs["last"] - attrs["first"] <= timedelta(days=MAX_DAYS):
            text = _("Give a range of at most %(days)s days, the first day first.")
            raise serializers.ValidationError({"last": text % {"days": MAX_DAYS}}, "range")
        if attrs["last"] > business_day(clock.LATEST_TIME):
            raise serializers.ValidationError({"last": _("This day is yet to come.")}, "future")
        return attrs
