"""Texts in blocks, so that clients need no parser."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from materials.rules import BLOCK_KINDS, blocks


class BlockAnswer(serializers.Serializer):
    kind = serializers.ChoiceField(BLOCK_KINDS)
    text = serializers.CharField(help_text="Empty of a list.")
    items = serializers.ListField(child=serializers.CharField(), help_text="Of a list.")


@extend_schema_field(BlockAnswer(many=True))
class BlocksField(serializers.Field):
    """A text as a list of its blocks."""

    def to_representation(self, text: str) -> Any:
        return BlockAnswer(list(blocks(text)), many=True).data
