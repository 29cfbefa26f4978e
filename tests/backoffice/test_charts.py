"""A chart shows the same figures as its table."""

from __future__ import annotations

import json

import pytest

from backoffice.charts import bar_chart, line_chart


def test_amounts_are_yuan_in_the_chart_and_in_the_table() -> None:
    chart = line_chart("Sales", ["1", "2"], {"tier 1": [123450, 0], "tier 2": [5, -5]}, money=True)

    data = json.loads(chart["data"])
    assert data["labels"] == ["1", "2"]
    assert [row["data"] for row in data["datasets"]] == [[1234.5, 0.0], [0.05, -0.05]]
    assert chart["table"]["headers"] == ["", "tier 1", "tier 2"]
    assert chart["table"]["rows"] == [["1", "¥1,234.50", "¥0.05"], ["2", "¥0.00", "-¥0.05"]]


def test_counts_stay_whole_numbers() -> None:
    chart = bar_chart("Visits", ["1"], {"visits": [12345]}, money=False)

    assert json.loads(chart["data"])["datasets"][0]["data"] == [12345]
    assert chart["table"]["rows"] == [["1", "12,345"]]


def test_lines_differ_by_colour_and_by_pattern() -> None:
    chart = line_chart("", ["1"], {str(n): [n] for n in range(6)}, money=False)
    lines = json.loads(chart["data"])["datasets"]

    assert len({row["borderColor"] for row in lines}) == len(lines)
    assert len({str(row["borderDash"]) for row in lines}) == len(lines)


def test_a_legend_is_shown_for_several_lines_only() -> None:
    for series, expected in (({"a": [1]}, False), ({"a": [1], "b": [2]}, True)):
        options = json.loads(line_chart("", ["1"], series, money=False)["options"])
        assert options["plugins"]["legend"]["display"] is expected


def test_every_label_needs_a_value() -> None:
    with pytest.raises(ValueError, match="2 values for 1 labels"):
        line_chart("", ["1"], {"a": [1, 2]}, money=True)
