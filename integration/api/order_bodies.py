"""The body of an order: what a mall knows of it. An absent field and ``null`` mean: not known."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from api.serializers import Amount, Moment, Number, StrictSerializer, Text
from common.money import split
from integration.api.rows import without_nulls
from orders.models import Refund
from orders.snapshots import LineSnapshot, OrderSnapshot, RefundSnapshot

MAX_LINES, MAX_REFUNDS = 1_000, 5_000
MAX_SKU_LENGTH = 80
MAX_METADATA = 4_096  # bytes


def optional(field: type[serializers.Field], **kwargs: Any) -> serializers.Field:
    return field(required=False, allow_null=True, **kwargs)


class Metadata(serializers.DictField):
    """An object of the mall's own, returned as it is; at most 4 KiB."""

    default_error_messages = {
        "too_large": _("This object is larger than 4 KiB."),
        "unwritable": _("This text has characters that cannot be stored."),
    }

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        value: dict[str, Any] = super().to_internal_value(data)
        encoded = orjson.dumps(value)
        if len(encoded) > MAX_METADATA:
            self.fail("too_large")
        if b"\\u0000" in encoded:
            self.fail("unwritable")
        return value


class LineBody(StrictSerializer):
    line_no = Number(min_value=1, max_value=32_767)
    sku = Text(max_length=MAX_SKU_LENGTH)
    quantity = Number(min_value=1, max_value=10**6)
    unit_price = Amount()
    discount = optional(Amount, help_text="Of the whole line, in fen.")
    shipping = optional(Amount, help_text="Of the whole line, in fen.")
    unit_cost = optional(Amount)


class RefundBody(StrictSerializer):
    refund_no = Text(max_length=64)
    line_no = Number(min_value=1, max_value=32_767)
    quantity = Number(max_value=10**6, help_text="0: money only.")
    amount = Amount(help_text="For goods, without freight.")
    freight = optional(Amount)
    kind = optional(
        serializers.ChoiceField,
        choices=sorted(Refund.TOLD_KINDS),
        help_text="Without it: by the quantity.",
    )
    revision = optional(Number)
    reason = optional(Text, max_length=200, allow_blank=True)
    requested_at = Moment()
    approved_at = optional(Moment)
    done_at = optional(Moment)
    rejected_at = optional(Moment)
    withdrawn_at = optional(Moment)


class ContactBody(StrictSerializer):
    """Hashes only; docs/signatures.md says how to make them."""

    phone_hash = optional(Text, max_length=128)
    address_hash = optional(Text, max_length=128)
    device = optional(Text, max_length=128)
    ip = optional(Text, max_length=64)


class OrderBody(StrictSerializer):
    order_no = Text(max_length=64)
    buyer = Text(max_length=128, help_text="The member's id in the mall, or our own id.")
    placed_at = Moment()
    paid_at = optional(Moment)
    shipped_at = optional(Moment)
    received_at = optional(Moment)
    closed_at = optional(Moment)
    revision = optional(Number)
    referrer = optional(Text, max_length=128)
    share = optional(Text, max_length=64)
    shipping = optional(Amount, help_text="Of the whole order; split over the lines.")
    region = optional(Text, max_length=60)
    metadata = optional(Metadata)
    contact = ContactBody(required=False, allow_null=True)
    lines = LineBody(many=True, allow_empty=False, max_length=MAX_LINES)
    refunds = RefundBody(many=True, required=False, allow_null=True, max_length=MAX_REFUNDS)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs.get("shipping") is not None and any(
            row.get("shipping") is not None for row in attrs["lines"]
        ):
            raise ValidationError(
                {"shipping": _("Give the shipping of the order or of its lines, not both.")},
                "shipping_twice",
            )
        return attrs


def order_snapshot(body: dict[str, Any]) -> OrderSnapshot:
    """Return the snapshot of a valid body."""
    told = without_nulls(body)
    contact = {name: text for name, text in told.get("contact", {}).items() if text}
    return OrderSnapshot(
        number=told.pop("order_no"),
        lines=_lines(told),
        refunds=tuple(_refund(row) for row in told.get("refunds", ())),
        contact=contact,
        **{
            name: value
            for name, value in told.items()
            if name not in ("lines", "refunds", "contact", "shipping")
        },
    )


def _lines(told: dict[str, Any]) -> tuple[LineSnapshot, ...]:
    lines = []
    for row in told["lines"]:
        known = without_nulls(row)
        lines.append(LineSnapshot(number=known.pop("line_no"), **known))
    if shipping := told.get("shipping"):
        weights = [max(0, line.paid) for line in lines]
        parts = split(shipping, weights if any(weights) else [1] * len(lines))
        lines = [replace(line, shipping=part) for line, part in zip(lines, parts, strict=True)]
    return tuple(lines)


def _refund(row: dict[str, Any]) -> RefundSnapshot:
    known = without_nulls(row)
    return RefundSnapshot(number=known.pop("refund_no"), line=known.pop("line_no"), **known)
