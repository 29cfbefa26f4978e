"""The columns of a file of products."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from backoffice.imports import Column
from catalog.models import Product, Sku

SKU, NAME, CATEGORY, VARIETY, KIND = "sku", "name", "category", "variety", "kind"
PRICE, COST, STATUS, PRODUCT = "price", "cost", "status", "product_id"

COLUMNS = (
    Column(
        SKU, _("SKU code"), _("Each SKU has a row. One that is stored is changed by its row."),
        required=True, example="N-1", max_length=80, other_titles=("SKU", "货号", "商品编码"),
    ),
    Column(
        NAME, _("product"),
        _("Rows with one name are the SKUs of one product."), required=True,
        example=_("Daily nuts"), max_length=200, other_titles=("商品名称", "名称", "product name"),
    ),
    Column(
        CATEGORY, _("category"),
        _("The code, the name, or the way from the top, such as Food / Nuts. A new product needs"
          " it."),
        example=_("Food / Nuts"), max_length=400, other_titles=("商品分类",),
    ),
    Column(
        VARIETY, _("variety"), _("What tells the SKUs of a product apart."),
        example=_("Box of 30"), max_length=80, other_titles=("规格名称",),
    ),
    Column(
        KIND, _("kind"), _("Physical, or virtual such as a voucher; empty in a new row: physical."),
        example=Sku.Kind.PHYSICAL.label, max_length=20,
    ),
    Column(PRICE, _("price"), _("In yuan."), required=True, example="129.90", max_length=40),
    Column(
        COST, _("cost"), _("In yuan. Commissions on profit need it."), example="80.00",
        max_length=40,
    ),
    Column(
        STATUS, _("status"), _("Draft, on sale or off sale; empty in a new product: draft."),
        example=Product.Status.ON_SALE.label, max_length=20, other_titles=("上架状态",),
    ),
    Column(
        PRODUCT, _("product id"),
        _("Of a stored product that a new SKU belongs to, if several products have its name."),
        example="a1b2c3d4e5f6g7h8j9k0", max_length=20, other_titles=("商品编号",),
    ),
)  # fmt: skip
