"""Files of prices: one that was imported, and one that waits with wrong cells."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from backoffice.import_verbs import begin_import, confirm_import
from backoffice.import_work import claim_import, run_import
from backoffice.models import Import
from backoffice.sheets import Sheet, workbook
from catalog.admin.goods_import import GOODS
from catalog.importing.cells import Categories
from catalog.models import Sku
from members.models import User

HOUR = timedelta(hours=1)
TITLES = ("货号", "商品", "类目", "规格", "价格", "成本")
CHANGED = 3
NEW = ("DEMO-NEW", "山茶花护手霜", "", "60 克", "39.9", "12")


def leave_files(*, by: User, now: datetime) -> None:
    """Import new costs, and leave a file of prices whose wrong rows somebody must correct."""
    skus = list(Sku.objects.select_related("product").order_by("code")[: 2 * CHANGED])
    costs = [_row(sku, cost=f"{(sku.cost or 1_000) // 100 + 1}.00") for sku in skus[:CHANGED]]
    row = _checked("成本更新.xlsx", costs, by=by, at=now - 30 * HOUR)
    if row.checked_at and row.changed:
        confirm_import(
            row=row, by=by, checked_at=row.checked_at, skips_wrong=False, at=now - 29 * HOUR
        )
        _work(at=now - 29 * HOUR)
    prices = [_row(sku, price=f"{sku.price // 100 + 2}.90") for sku in skus[CHANGED:]]
    wrong = [_row(skus[0], price="待定"), NEW, _row(skus[1], category="旧类目")]
    _checked("双十二调价.xlsx", [*prices, *wrong], by=by, at=now - 2 * HOUR)


def _row(sku: Sku, **cells: str) -> tuple[str, ...]:
    usual = {
        "sku": sku.code, "name": sku.product.name,
        "category": str(Categories().text(sku.product.category_id)), "variety": sku.variety,
        "price": f"{sku.price // 100}.{sku.price % 100:02}", "cost": "",
    }  # fmt: skip
    return tuple({**usual, **cells}.values())


def _checked(name: str, rows: Sequence[Sequence[str]], *, by: User, at: datetime) -> Import:
    content = workbook(Sheet("价格", TITLES, rows))
    begin_import(kind=GOODS, by=by, file_name=name, content=content, at=at)
    return _work(at=at)


def _work(*, at: datetime) -> Import:
    row = claim_import(at=at)
    assert row
    run_import(row=row, now=lambda: at)
    row.refresh_from_db()
    return row
