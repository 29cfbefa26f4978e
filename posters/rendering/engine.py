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
from posters.rendering.drawing import draw, mini_program_code
from posters.rendering.elements import Element
from posters.rendering.layers import Plan, plan
from posters.rendering.shapes import filled
from posters.rendering.template import Layout, Size, Template

logger = logging.getLogger(__name__)

REVISION = 1
"""Counts the changes of this package that make other pixels: stored posters are drawn again."""
MAX_BASES = 32
MAX_BACKGROUNDS = 4  # 6 MB each, against 2 MB of a base
PREVIEW_QUALITY = 80


@dataclass(frozen=True, slots=True)
class Job:
    """What to draw."""

    template: Template
    plan: Plan
    data: PosterData


@dataclass(frozen=True, slots=True)
class Base:
    """The shared part of a poster: as a JPEG in rows, and the pixels of the bands."""

    jpeg: splice.Segments
    bands: tuple[Image.Image, ...]


_bases: Recent[Base] = Recent(MAX_BASES)
_backgrounds: Recent[Image.Image] = Recent(MAX_BACKGROUNDS)


def render(
    template: Template, data: PosterData, *, size: Size | None = None, preview: bool = False
) -> Drawn:
    """Draw a poster.

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
    """Draw what the posters of a product share, so that the first of them is fast too."""
    shared = PosterData(share=ShareData(link=""), product=product, shop=shop)
    _base(Job(template, plan(template, size), shared))


def forget() -> None:
    """Drop all layers that are kept."""
    _bases.clear()
    _backgrounds.clear()


def draw_whole(drawn: Layout, data: PosterData) -> Image.Image:
    """Draw all elements on one canvas: what spliced posters must be equal to."""
    return _painted(_canvas(drawn), drawn.elements, data)


def _whole(job: Job, quality: int) -> Drawn:
    canvas = draw_whole(job.plan.layout, job.data)
    return _checked(job, splice.encode(canvas, quality), canvas, 0)


def _spliced(job: Job) -> Drawn:
    base = _base(job)
    bands = {}
    seen: tuple[Image.Image, int] | None = None
    for band, pixels in zip(job.plan.bands, base.bands, strict=True):
        canvas = pixels.copy()
        for element in band.elements:
            draw(canvas, element, job.data, band.top)
            if element is job.plan.code:
                seen = (canvas, band.top)
        bands[band.top] = splice.cut(splice.encode(canvas), height=canvas.height)
    content = splice.replace(base.jpeg, bands)
    assert seen is not None  # every template has a code
    return _checked(job, content, *seen)


def _base(job: Job) -> Base:
    key = (job.template.sha, job.plan.layout.size, job.data.product, job.data.shop)
    return _bases.get(key, lambda: _built_base(job))


def _built_base(job: Job) -> Base:
    key = (job.template.sha, job.plan.layout.size, job.data.shop)
    background = _backgrounds.get(key, lambda: _background(job))
    canvas = _painted(background.copy(), job.plan.product, job.data)
    jpeg = splice.cut(splice.encode(canvas), height=canvas.height)
    areas = [(0, band.top, canvas.width, band.bottom) for band in job.plan.bands]
    return Base(jpeg, tuple(canvas.crop(area) for area in areas))


def _background(job: Job) -> Image.Image:
    return _painted(_canvas(job.plan.layout), job.plan.const, job.data)


def _canvas(drawn: Layout) -> Image.Image:
    return filled(drawn.background, drawn.size).convert("RGB")


def _painted(canvas: Image.Image, elements: Iterable[Element], data: PosterData) -> Image.Image:
    for element in elements:
        draw(canvas, element, data)
    return canvas


def _checked(job: Job, content: bytes, canvas: Image.Image, top: int) -> Drawn:
    """Read the QR code from the pixels: a poster that nobody can scan must not leave unnoticed."""
    width, height = job.plan.layout.size
    code, share = job.plan.code, job.data.share
    if mini_program_code(code, job.data):
        return Drawn(content, width, height, is_qr_readable=True, qr_text="")
    box = code.box.moved(0, -top)
    text = qr.read(canvas.crop((box.left, box.top, box.right, box.bottom)))
    return Drawn(content, width, height, is_qr_readable=text == share.link, qr_text=text or "")
