"""Render explanations."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from commissions.explanations import LineExplanation
from commissions.explanations.report import heading, tier_summary


def render_lines(lines: Iterable[LineExplanation]) -> SafeString:
    return format_html_join(
        "",
        '<div class="mt-4"><p class="font-semibold text-important">{}</p>{}</div>',
        ((heading(line), _render_tiers(line)) for line in lines),
    )


def _render_tiers(line: LineExplanation) -> SafeString:
    return format_html_join(
        "",
        '<div class="my-2 ps-4"><p class="font-semibold">{}</p>{}</div>',
        ((tier_summary(tier), render_sentences(tier.sentences)) for tier in line.tiers),
    )


def render_sentences(sentences: tuple[str, ...]) -> SafeString:
    return format_html_join("", "<p>{}</p>", ((sentence,) for sentence in sentences))
