"""The import of products."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from backoffice.import_pages import open_import
from backoffice.imports import ImportKind
from catalog.importing.columns import COLUMNS
from catalog.importing.services import apply_goods, check_goods, lock_goods
from catalog.importing.stored import LABEL

GOODS = open_import(
    ImportKind(
        name="products",
        title=_("Import products"),
        of="catalog.product",
        permission="catalog.import_product",
        columns=COLUMNS,
        check=check_goods,
        lock=lock_goods,
        apply=apply_goods,
        rule=_("All rows are applied together, or none of them."),
        intro=_(
            "New products and changed prices, names or categories from one file. Orders that are"
            " placed keep what was known then."
        ),
        export=LABEL,
    )
)
