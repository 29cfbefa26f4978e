"""Let an older mall move into the demo, and leave one whose files have errors."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from backoffice.import_verbs import begin_import, confirm_import
from backoffice.import_work import claim_import, run_import
from backoffice.models import Import
from catalog.models import Sku
from integration.admin.member_import import MEMBERS
from integration.mall_imports import claims, running
from integration.mall_imports.checking import run_check
from integration.mall_imports.preparing import add_files, ask_check, open_import
from integration.models import MallImport
from members.models import User

DAY = timedelta(days=1)
NAMES = ("林小满", "周一鸣", "许知远", "何田田", "苏木", "唐糖")
CITIES = (("上海", "上海"), ("浙江", "宁波"), ("江苏", "南京"), ("广东", "广州"))
EMPTY = {
    "分类.csv": "编码,名称,上级分类\n",
    "佣金规则.csv": "范围,对象,一级,二级,基数,资产\n",
    "退款.csv": "退款单号,订单号,行号,数量,金额,退款时间\n",
}
GOODS = "SKU,商品名称,商品分类,售价,成本,库存\n"
PEOPLE = "会员ID,昵称,省份,城市,注册时间,是否分销员,推荐人ID,绑定时间\n"
ORDERS = (
    "订单号,行号,买家,SKU,数量,单价,优惠,运费,状态,下单时间,付款时间,发货时间,收货时间,关闭时间\n"
)
MEMBER_TITLES = "会员ID,昵称,省份,城市,注册时间,是否分销员,推荐人ID,绑定时间\n"


def play(staff: dict[str, User], *, now: datetime) -> None:
    """Import a mall and a file of members, and leave one of each with wrong cells."""
    # Their rights are newer than these objects.
    qian, feng = (User.objects.get(pk=staff[name].pk) for name in ("qian", "feng"))
    _import_mall(qian, feng, now=now)
    _leave_faulty_mall(qian, now=now)
    _import_members(qian, now=now)
    _leave_faulty_members(qian, now=now)


def _import_mall(qian: User, feng: User, *, now: datetime) -> None:
    """Move the members of an old shop in; Qian prepares it and Feng starts it."""
    at = now - 20 * DAY
    files = {**EMPTY, "商品.csv": GOODS, "会员.csv": _people("old", since=at - 90 * DAY),
             "订单.csv": ORDERS}  # fmt: skip
    row = _checked("老店会员", files, by=qian, at=at)
    running.start(mall_import=row, seal=row.seal, by=feng, at=at + DAY / 8)
    row.refresh_from_db()
    _work(row, at=at + DAY / 8)


def _leave_faulty_mall(qian: User, *, now: datetime) -> None:
    """Leave files with the usual mistakes: a swapped date, a sign in an amount, a sum row."""
    at = now - DAY / 3
    goods = "".join(
        f"{sku.code},{sku.product.name},{sku.product.category.code},{sku.price / 100:.2f},,100\n"
        for sku in Sku.objects.select_related("product__category").order_by("pk")[:5]
    )
    first, second = (line.split(",")[0] for line in goods.splitlines()[:2])
    day = f"{now - 300 * DAY:%Y/%m/%d}"
    orders = (
        f"YZ-1,1,yz-1,{first},1,109.90,0.00,8.00,已收货,{day} 9:03,{day} 9:04,,{day} 9:30,\n"
        f"YZ-2,1,yz-2,{second},2,约69,0.00,0.00,已付款,{day} 10:00,{day} 10:01,,,\n"
        f"YZ-3,1,yz-3,{first},1,109.90,0.00,0.00,已付款,3/11/2025 8:00,3/11/2025 8:02,,,\n"
        f"2.50105E+17,1,yz-4,{second},1,69.00,0.00,0.00,已付款,{day} 11:00,{day} 11:02,,,\n"
        "合计,,,,5,,,,,,,,,\n"
    )
    files = {**EMPTY, "商品.csv": GOODS + goods, "订单.csv": ORDERS + orders,
             "会员.csv": _people("yz", since=now - 400 * DAY)}  # fmt: skip
    _checked("有赞 2025", files, by=qian, at=at)


def _import_members(qian: User, *, now: datetime) -> None:
    at = now - 6 * DAY
    content = MEMBER_TITLES + _lines("offline", since=at - 30 * DAY)
    row = _checked_members("线下门店会员.csv", content, by=qian, at=at)
    assert row.checked_at
    confirm_import(row=row, by=qian, checked_at=row.checked_at, skips_wrong=False, at=at + DAY / 96)
    _run(lambda: at + DAY / 96)


def _leave_faulty_members(qian: User, *, now: datetime) -> None:
    content = MEMBER_TITLES + (
        "fair-1,展会小王,上海,上海,2026/3/1 10:00,是,,\n"
        "fair-2,展会小李,上海,上海,3/1/2026,,fair-1,\n"
        "fair-3,展会小张,江苏,苏州,2026/3/1 10:20,可能,fair-1,\n"
        "fair-4,展会小陈,浙江,杭州,2026/3/1 10:30,,fair-9,\n"
    )
    _checked_members("春季展会会员.csv", content, by=qian, at=now - DAY / 4)


def _people(prefix: str, *, since: datetime) -> str:
    return PEOPLE + _lines(prefix, since=since)


def _lines(prefix: str, *, since: datetime) -> str:
    """Return rows of six members; the first is a distributor who brought the others."""
    lines = ""
    for number, name in enumerate(NAMES, start=1):
        joined = f"{since + number * DAY:%Y/%m/%d} 10:{number:02}"
        province, city = CITIES[number % len(CITIES)]
        above = f"{prefix}-1" if number > 1 else ""
        bound = joined if above else ""
        is_distributor = "否" if above else "是"
        lines += (
            f"{prefix}-{number},{name},{province},{city},{joined},{is_distributor},{above},"
            f"{bound}\n"
        )
    return lines


def _checked(name: str, files: Mapping[str, str], *, by: User, at: datetime) -> MallImport:
    row = open_import(name=name, by=by, at=at)
    given = [(file, io.BytesIO(content.encode())) for file, content in files.items()]
    add_files(mall_import=row, files=given, by=by, at=at)
    ask_check(mall_import=row, by=by)
    _work(row, at=at)
    return row


def _work(row: MallImport, *, at: datetime) -> None:
    """Do what the worker would do with an import."""
    while (claimed := claims.claim(at=at)) is not None:
        is_check = claimed.status == MallImport.Status.CHECKING
        (run_check if is_check else running.run_turn)(claimed, now=lambda: at)
    row.refresh_from_db()


def _checked_members(name: str, content: str, *, by: User, at: datetime) -> Import:
    row = begin_import(kind=MEMBERS, by=by, file_name=name, content=content.encode(), at=at)
    _run(lambda: at)
    row.refresh_from_db()
    return row


def _run(now: Callable[[], datetime]) -> None:
    while (claimed := claim_import(at=now())) is not None:
        run_import(row=claimed, now=now)
