"""Templates: what is accepted, and that each mistake is reported where it is."""

from __future__ import annotations

from copy import deepcopy
from time import perf_counter
from typing import Any

import pytest

from posters.rendering import PHONE, SHORT, TALL, SizeUnknown, TemplateInvalid, parse
from posters.rendering.template import layout
from tests.posters.rendering.example import DOCUMENT, changed, document

QR = {"id": "qr2", "type": "qrcode", "text": "{{share.qr}}", "x": 60, "y": 60, "w": 264, "h": 264}

HUGE = [
    {"id": f"e{number}", "type": "rect", "x": 0, "y": 0, "w": 2400, "h": 2400, "fill": "#00000010"}
    for number in range(40)
]


def problems(source: object) -> list[tuple[str, str]]:
    with pytest.raises(TemplateInvalid) as refused:
        parse(source)
    assert all(problem.message for problem in refused.value.problems)
    return [(problem.path, problem.code) for problem in refused.value.problems]


def test_a_template_has_a_name_a_kind_and_sizes() -> None:
    template = parse(DOCUMENT)

    assert (template.name, template.kind, template.industry) == ("美妆·柔粉", "product", "beauty")
    assert template.sizes == (TALL, SHORT, PHONE)


def test_equal_documents_have_one_hash() -> None:
    other_order = dict(reversed(DOCUMENT.items()))

    assert parse(other_order).sha == parse(DOCUMENT).sha
    assert parse(changed("nick", size=45)).sha != parse(DOCUMENT).sha


def test_a_template_does_not_change_with_the_document_it_came_from() -> None:
    source = deepcopy(DOCUMENT)
    template = parse(source)
    source["elements"].clear()

    assert len(layout(template).elements) > len(source["elements"])


@pytest.mark.parametrize(
    ("source", "path", "code"),
    [
        ([], "template", "schema"),
        ("{}", "template", "schema"),
        (None, "template", "schema"),
        (document(v=2), "v", "schema"),
        (document(author="me"), "template", "schema"),
        (document(canvas={"w": 9999, "h": 1920, "bg": "#FFFFFF"}), "canvas/w", "schema"),
        (document(elements=[]), "elements", "schema"),
        (document(elements=[{"type": "iframe"}]), "elements/0/type", "schema"),
        (document(elements=["qr"]), "elements/0", "schema"),
        (changed("nick", href="https://example.com"), "elements/10", "schema"),
        (changed("nick", family="comic"), "elements/10/family", "schema"),
        (changed("nick", size=9000), "elements/10/size", "schema"),
        (changed("nick", x="left"), "elements/10/x", "schema"),
        (changed("nick", size=True), "elements/10/size", "schema"),
        (changed("nick", x=float("nan")), "elements/10/x", "schema"),
        (
            changed("card", shadow={"blur": 4000, "color": "#000000"}),
            "elements/2/shadow/blur", "schema",
        ),
        (changed("card", fill="red"), "elements/2/fill", "schema"),
        (changed("photo", src="https://example.com/a.jpg"), "elements/3/src", "schema"),
        (changed("qr", ec="l"), "elements/15/ec", "schema"),
        (changed("qr", w=200, h=200), "elements/15/w", "schema"),
        (document(elements=[deepcopy(QR)] * 10_000), "elements", "too_many"),
        (changed("nick", id="card"), "elements", "same_id"),
        (changed("nick", color="$none"), "elements/10/color", "unknown_token"),
        (
            changed("badge", fill={"stops": ["$none", "#FFFFFF"]}),
            "elements/5/fill/stops/0", "unknown_token",
        ),
        (document(canvas={"w": 1080, "h": 1920, "bg": "$none"}), "canvas/bg", "unknown_token"),
        (changed("nick", text="{{user.phone}}"), "elements/10/text", "unknown_binding"),
        (changed("nick", text="{{user.__class__}}"), "elements/10/text", "unknown_binding"),
        (changed("nick", text="{{user.avatar}}"), "elements/10/text", "wrong_binding"),
        (changed("photo", src="{{product.title}}"), "elements/3/src", "wrong_binding"),
        (changed("tags", items=["{{product.image}}"]), "elements/7/items/0", "wrong_binding"),
        (changed("price", show_if="{{shop.open}}"), "elements/4/show_if", "unknown_binding"),
        (changed("qr", x=900), "elements/15", "outside"),
        (changed("title", y=1900), "elements/6", "outside"),
        (changed("blob", x=-2000), "elements/0", "outside"),
        (changed("title", min_size=60), "elements/6/min_size", "size_order"),
        (changed("qr", visible=False), "elements", "no_qrcode"),
        (changed("qr", show_if="{{product.price}}"), "elements", "no_qrcode"),
        (document(elements=[*DOCUMENT["elements"], QR]), "elements", "no_qrcode"),
        (changed("qr", w=300), "elements", "not_square"),
        (
            document(variants={"1080x1440": {"elements": {"nobody": {}}}}),
            "variants/1080x1440/elements/nobody", "unknown_element",
        ),
        (document(variants={"1080x1440": {}}), "variants/1080x1440/elements/1", "outside"),
        (document(variants={"1080x1440": {}}), "variants/1080x1440/elements/12", "outside"),
        (changed("blob", opacity=float("nan")), "template", "schema"),
        (document(elements=[*DOCUMENT["elements"], *HUGE]), "elements", "too_much"),
        (document(variants={"800x600": {}}), "variants", "schema"),
        (
            document(variants={"1080x1440": {"elements": {"nick": {"size": 1}}}}),
            "variants/1080x1440/elements/10/size", "schema",
        ),
    ],
)  # fmt: skip
def test_a_mistake_is_reported_where_it_is(source: object, path: str, code: str) -> None:
    assert (path, code) in problems(source)


def test_decoration_may_cross_the_edge_of_the_canvas() -> None:
    assert parse(changed("blob", x=900, y=-400))


def test_all_mistakes_are_reported_at_once() -> None:
    source = changed("nick", color="$none")
    source["elements"][6]["min_size"] = 60
    source["elements"][9]["src"] = "{{user.face}}"

    assert {code for _, code in problems(source)} == {
        "unknown_token", "unknown_binding", "size_order",
    }  # fmt: skip


def test_whole_numbers_may_be_written_with_a_point() -> None:
    assert parse(changed("title", max_lines=2.0)).sha == parse(DOCUMENT).sha


@pytest.mark.parametrize("depth", [50, 400])
def test_nested_rubbish_is_refused(depth: int) -> None:
    nested: Any = "#FFFFFF"
    for _ in range(depth):
        nested = {"stops": [nested, nested]}

    assert problems(document(canvas={"w": 1080, "h": 1920, "bg": nested})) == [
        ("template", "too_large")
    ]


def test_ten_thousand_elements_are_refused_at_once() -> None:
    elements = [{"id": f"e{number}", "type": "rect"} for number in range(10_000)]
    started = perf_counter()

    assert problems(document(elements=elements)) == [("elements", "too_many")]
    assert perf_counter() - started < 0.5


def test_a_size_without_a_layout_is_refused() -> None:
    with pytest.raises(SizeUnknown):
        layout(parse(DOCUMENT), (600, 800))

    assert (
        PHONE
        not in parse(document(canvas={"w": 1080, "h": 2000, "bg": "#FFFFFF"}, variants={})).sizes
    )


def test_a_variant_moves_and_hides_what_the_document_has() -> None:
    tall, short = (
        {row.id: row for row in layout(parse(DOCUMENT), size).elements} for size in (TALL, SHORT)
    )

    assert short["title"].box == tall["title"].box.moved(0, -480)
    assert short["nick"].box == tall["nick"].box
    assert short["photo"].box.height == 420
    assert "corner" in tall
    assert "corner" not in short


def test_the_phone_size_is_the_tall_one_a_factor_smaller() -> None:
    code = {row.id: row for row in layout(parse(DOCUMENT), PHONE).elements}["qr"]

    assert code.box.size == (183, 183)
    assert code.box.left == 508
