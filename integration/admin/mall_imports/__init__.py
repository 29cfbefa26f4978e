"""Imports of a mall: the list of all, what waits to be started, and the page of one."""

from django.utils.translation import gettext_lazy as _

from backoffice import menu
from backoffice.menu import Link
from integration.admin.mall_imports import listing, pages

__all__ = ["listing", "pages"]

menu.register("system", (_("Imports of a mall"), "move_to_inbox", "integration.mallimport"))
menu.register_link(
    "orders", Link(_("Imports of a mall"), "move_to_inbox", "integration.mallimport", 80)
)
