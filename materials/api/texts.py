"""Texts in blocks, so that clients need no parser."""

from __future__ import annotations

from rest_framework import serializers

from materials.rules import BLOCK_KINDS


class BlockAnswer(serializers.Serializer):
    kind = serializers.ChoiceField(BLOCK_KINDS)
    text = serializers.CharField(help_text="Empty of a list.")
    items = serializers.ListField(child=serializers.CharField(), help_text="Of a list.")
