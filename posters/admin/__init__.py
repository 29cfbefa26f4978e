"""Design posters, and see what became of them."""

from django.utils.translation import gettext_lazy as _

from backoffice import menu
from posters.admin import lines, look, posters, templates

menu.register(
    "sharing",
    (_("Poster templates"), "palette", "posters.postertemplate"),
    (_("Posters"), "image", "posters.poster"),
    (_("Recommendations"), "format_quote", "posters.recommendationline"),
    (_("Look of posters"), "storefront", "posters.shoplook"),
)
