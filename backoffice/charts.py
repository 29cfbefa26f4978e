"""Charts with the same figures as a table, for ``admin/backoffice/chart.html``."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from backoffice.base import StrOrPromise
from common.money import yuan_text

# Each line has a colour that is readable on white and on black, and a pattern of its own.
COLOURS = ("#7c3aed", "#0d9488", "#d97706", "#2563eb", "#db2777", "#65a30d")
DASHES: tuple[list[int], ...] = ([], [6, 3], [2, 2], [8, 3, 2, 3], [1, 3], [10, 4])
INK = "#8b8f98"
# Both limits: the ticks of small numbers set the lower one themselves.
WHOLE = {"minimumFractionDigits": 0, "maximumFractionDigits": 0}
YUAN = {
    "style": "currency", "currency": "CNY", "minimumFractionDigits": 0, "maximumFractionDigits": 0,
}  # fmt: skip


def line_chart(
    title: StrOrPromise,
    labels: Sequence[StrOrPromise],
    series: Mapping[StrOrPromise, Sequence[int]],
    *,
    money: bool,
) -> dict[str, Any]:
    """Return the context of a chart of lines.

    :param series: values by name, one a label; fen if ``money``
    """
    return _chart("line", title, labels, series, money=money)


def bar_chart(
    title: StrOrPromise,
    labels: Sequence[StrOrPromise],
    series: Mapping[StrOrPromise, Sequence[int]],
    *,
    money: bool,
) -> dict[str, Any]:
    """Return the context of a chart of bars; see ``line_chart``."""
    return _chart("bar", title, labels, series, money=money)


def ranking_chart(
    title: StrOrPromise,
    labels: Sequence[StrOrPromise],
    series: Mapping[StrOrPromise, Sequence[int]],
    *,
    money: bool,
) -> dict[str, Any]:
    """Return the context of bars that lie below each other, so that there is room for names."""
    chart = _chart("bar", title, labels, series, money=money)
    return {**chart, "options": json.dumps(_lying(_options(money=money, legend=len(series) > 1)))}


def _chart(
    kind: str,
    title: StrOrPromise,
    labels: Sequence[StrOrPromise],
    series: Mapping[StrOrPromise, Sequence[int]],
    *,
    money: bool,
) -> dict[str, Any]:
    for name, values in series.items():
        if len(values) != len(labels):
            raise ValueError(f"{name} has {len(values)} values for {len(labels)} labels")
    show = yuan_text if money else "{:,}".format
    datasets = [
        {
            "label": str(name),
            "data": [value / 100 for value in values] if money else list(values),
            "borderColor": COLOURS[place % len(COLOURS)],
            "backgroundColor": COLOURS[place % len(COLOURS)],
            **({"borderDash": DASHES[place % len(DASHES)]} if kind == "line" else {}),
        }
        for place, (name, values) in enumerate(series.items())
    ]
    return {
        "title": title,
        "kind": kind,
        "data": json.dumps({"labels": [str(label) for label in labels], "datasets": datasets}),
        "options": json.dumps(_options(money=money, legend=len(series) > 1)),
        "table": {
            "headers": ["", *series],
            "rows": [
                [label, *(show(values[place]) for values in series.values())]
                for place, label in enumerate(labels)
            ],
        },
    }


def _lying(options: dict[str, Any]) -> dict[str, Any]:
    scales = options["scales"]
    names = {**scales["x"], "ticks": {"color": INK, "autoSkip": False}}
    return {**options, "indexAxis": "y", "scales": {"x": scales["y"], "y": names}}


def _options(*, money: bool, legend: bool) -> dict[str, Any]:
    return {
        "animation": False,
        "responsive": True,
        "maintainAspectRatio": False,
        "locale": "zh-CN",
        "interaction": {"mode": "index", "intersect": False},
        "datasets": {
            "line": {"borderWidth": 2, "pointRadius": 0, "pointHoverRadius": 4, "tension": 0.25},
            "bar": {"borderRadius": 3, "maxBarThickness": 28},
        },
        "plugins": {
            "legend": {
                "display": legend, "align": "end",
                "labels": {"color": INK, "boxWidth": 18, "boxHeight": 2},
            },
        },
        "scales": {
            "x": {
                "grid": {"display": False},
                "ticks": {"color": INK, "maxRotation": 0, "autoSkipPadding": 16},
            },
            "y": {
                "beginAtZero": True,
                "border": {"display": False},
                "grid": {"color": "rgba(139, 143, 152, .2)"},
                "ticks": {
                    "color": INK, "maxTicksLimit": 5,
                    "format": YUAN if money else WHOLE,
                },
            },
        },
    }  # fmt: skip
