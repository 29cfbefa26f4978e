"""Draw posters: a pure function of a template and its data.

The part of a poster that all distributors of a product share is drawn once and kept as a JPEG cut
into rows; for each of them only the bands with their own elements are drawn and encoded.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass

from PIL import Image

from posters.rendering import qr, splice
from posters.rendering.caching import Recent
from posters.rendering.data import Drawn, PosterData, ProductData, ShareData, ShopData
from posters.rendering.element_drawing import draw, mini_program_code
from posters.rendering.elements import Element
from posters.rendering.layers import Plan, plan
from posters.rendering.shapes import filled
from posters.rendering.template import Layout, Size, Template

logger = logging.getLogger(__name__)

REVISION = 1
"""Raise it with each change of this package that changes pixels: it makes new keys of posters."""
MAX_BASES = 32
MAX_BACKGROUNDS = 4  # 6 MB each, against 2 MB of a base
PREVIEW_QUALITY = 80


@dataclass(frozen=True, slots=True)
class Job:
    """A template with its layers for one size, and the data to draw."""

    template: Template
    plan: Plan
    data: PosterData


@dataclass(frozen=True, slots=True)
class Base:
    """The part that all posters of a product have in common: a JPEG in rows, and the bands' pixels.

    ``bands`` has raw RGB, one for each band of the plan.
    """

    jpeg: splice.Segments
    bands: tuple[bytes, ...]


_bases: Recent[Base] = Recent(MAX_BASES)
_backgrounds: Recent[Image.Image] = Recent(MAX_BACKGROUNDS)


def render(
    template: Template, data: PosterData, *, size: Size | None = None, preview: bool = False
) -> Drawn:
    """Draw a poster, with the base of its product from the cache, and read its QR code back.

    :param size: one of ``template.sizes``, by default the first
    :param preview: for an editor: in lower quality, and nothing is kept
    :raises SizeUnknown: the template has no such size
    """
    job = Job(template, plan(template, size), data)
    if preview:
        return _whole(job, PREVIEW_QUALITY)
    try:
        return _spliced(job)
    except splice.SpliceMismatch as mismatch:
        logger.warning("poster encoded as a whole: %s", mismatch)
        return _whole(job, splice.QUALITY)


def prepare(
    template: Template, product: ProductData | None, shop: ShopData, *, size: Size | None = None
) -> None:
    """Draw the base of a product's posters, so that the first poster is fast too.

    :raises SizeUnknown: the template has no such size
    """
    shared = PosterData(share=ShareData(link=""), product=product, shop=shop)
    _base(Job(template, plan(template, size), shared))


def forget() -> None:
    """Empty the cache of bases and backgrounds."""
    _bases.clear()
    _backgrounds.clear()


def draw_whole(layout: Layout, data: PosterData) -> Image.Image:
    """Draw all elements on one canvas, to which spliced posters must be equal."""
    return _painted(_canvas(layout), layout.elements, data)


def _whole(job: Job, quality: int) -> Drawn:
    canvas = draw_whole(job.plan.layout, job.data)
    return _read_back(job, splice.encode(canvas, quality), canvas, 0)


def _spliced(job: Job) -> Drawn:
    base = _base(job)
    bands = {}
    code_canvas: tuple[Image.Image, int] | None = None
    for band, pixels in zip(job.plan.bands, base.bands, strict=True):
        size = (job.plan.layout.size[0], band.bottom - band.top)
        canvas = Image.frombytes("RGB", size, pixels)
        for element in band.elements:
            draw(canvas, element, job.data, band.top)
            if element is job.plan.code:
                code_canvas = (canvas, band.top)
        bands[band.top] = splice.cut(splice.encode(canvas), height=canvas.height)
    content = splice.replace(base.jpeg, bands)
    assert code_canvas is not None  # every template has a code
    return _read_back(job, content, *code_canvas)


def _base(job: Job) -> Base:
    key = (job.template.sha, job.plan.layout.size, job.data.product, job.data.shop)
    return _bases.get(key, lambda: _built_base(job))


def _built_base(job: Job) -> Base:
    key = (job.template.sha, job.plan.layout.size, job.data.shop)
    background = _backgrounds.get(key, lambda: _background(job))
    canvas = _painted(background.copy(), job.plan.product, job.data)
    jpeg = splice.cut(splice.encode(canvas), height=canvas.height)
    areas = [(0, band.top, canvas.width, band.bottom) for band in job.plan.bands]
    return Base(jpeg, tuple(canvas.crop(area).tobytes() for area in areas))


def _background(job: Job) -> Image.Image:
    return _painted(_canvas(job.plan.layout), job.plan.const, job.data)


def _canvas(layout: Layout) -> Image.Image:
    return filled(layout.background, layout.size).convert("RGB")


def _painted(canvas: Image.Image, elements: Iterable[Element], data: PosterData) -> Image.Image:
    for element in elements:
        draw(canvas, element, data)
    return canvas


def _read_back(job: Job, content: bytes, canvas: Image.Image, top: int) -> Drawn:
    """Return the poster with the text that was read from the pixels of its QR code.

    :param top: the row of the poster at which ``canvas`` starts
    """
    width, height = job.plan.layout.size
    code, share = job.plan.code, job.data.share
    if mini_program_code(code, job.data):
        return Drawn(content, width, height, is_qr_readable=True, qr_text="")
    box = code.box.moved(0, -top)
    text = qr.read(canvas.crop((box.left, box.top, box.right, box.bottom)))
    return Drawn(content, width, height, is_qr_readable=text == share.link, qr_text=text or "")
