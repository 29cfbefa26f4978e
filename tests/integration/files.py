"""A small mall in six files, and its import."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

from django.core.management import CommandError, call_command

FILES = {
    "categories.csv": "code,name,parent\nbeauty,美妆,\nmasks,面膜,beauty\n",
    "products.csv": "sku,name,category,price,cost,stock\nmask,面膜,masks,109.90,42.00,10\n",
    "members.csv": (
        "member,nickname,province,city,joined_at,is_distributor,referrer,bound_at\n"
        "mei,梅,上海,上海,2025-11-01T12:00:00+08:00,1,,\n"
        "lan,兰,浙江,杭州,2025-11-01T13:00:00+08:00,1,mei,2025-11-01T13:00:00+08:00\n"
        "bo,波,江苏,苏州,2025-11-02T12:00:00+08:00,0,lan,2025-11-02T12:00:00+08:00\n"
    ),
    "rules.csv": "scope,target,tier1,tier2,base,asset\nstore,,10%,5%,paid,cash\n",
    "orders.csv": (
        "order_no,line_no,buyer,sku,quantity,unit_price,discount,shipping,status,placed_at,paid_at,"
        "shipped_at,received_at,closed_at\n"
        "O-1,1,bo,mask,1,109.90,0.00,8.00,received,2025-11-03T12:00:00+08:00,"
        "2025-11-03T12:01:00+08:00,2025-11-03T15:00:00+08:00,2025-11-05T15:00:00+08:00,\n"
    ),
    "refunds.csv": (
        "refund_no,order_no,line_no,quantity,amount,refunded_at\n"
        "R-1,O-1,1,0,36.63,2025-11-06T12:00:00+08:00\n"
    ),
}

Write = Callable[..., Path]


def import_mall(folder: Path, *arguments: str) -> str:
    """Import a mall and return the errors; empty on success."""
    return _run(folder, *arguments)[1]


def summary(folder: Path, *arguments: str) -> str:
    """Import a mall without errors and return the output."""
    output, errors = _run(folder, *arguments)
    assert errors == ""
    return output


def _run(folder: Path, *arguments: str) -> tuple[str, str]:
    output, errors = io.StringIO(), io.StringIO()
    try:
        call_command("import_mall", str(folder), *arguments, stdout=output, stderr=errors)
    except CommandError as error:
        errors.write(str(error))
    return output.getvalue(), errors.getvalue()
