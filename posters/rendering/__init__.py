"""The poster engine: a template and data in, a JPEG out.

It knows neither the database nor the network. ``parse`` a document once, ``render`` it as often as
needed; ``check`` decides whether it may be published.
"""

from posters.rendering.checks import check
from posters.rendering.data import (
    Drawn,
    PosterData,
    ProductData,
    ShareData,
    ShopData,
    UserData,
)
from posters.rendering.engine import REVISION, forget, prepare, render
from posters.rendering.problems import Problem, TemplateInvalid
from posters.rendering.qr import decode
from posters.rendering.schema import schema
from posters.rendering.template import PHONE, SHORT, TALL, Layout, SizeUnknown, Template, parse
