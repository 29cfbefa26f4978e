"""The Chinese column names and values that operations write; the English ones count as well.

A name stands for one column of a file. Names that may mean several columns are left out.
"""

from __future__ import annotations

from collections.abc import Mapping

CODE = ("编码", "分类编码", "类目编码", "分类编号")
SKU = ("SKU", "SKU编码", "商品编码", "规格编码", "货号", "商品货号")
MEMBER = ("会员", "会员ID", "会员编号", "会员号", "用户ID", "用户编号")
ORDER_NO = ("订单号", "订单编号", "订单ID")
LINE_NO = ("行号", "明细行号", "订单行号")
BOUND_AT = ("绑定时间", "绑定日期")

CHINESE: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "categories": {
        "code": CODE,
        "name": ("名称", "分类名称", "类目名称"),
        "parent": ("上级", "上级分类", "上级编码", "父级", "父分类"),
    },
    "products": {
        "sku": SKU,
        "name": ("名称", "商品名称", "品名"),
        "category": ("分类", "类目", "商品分类", "分类编码", "类目编码"),
        "price": ("价格", "售价", "销售价", "零售价"),
        "cost": ("成本", "成本价"),
        "stock": ("库存", "库存数量"),
    },
    "members": {
        "member": MEMBER,
        "nickname": ("昵称", "会员昵称", "用户昵称"),
        "province": ("省", "省份"),
        "city": ("市", "城市"),
        "joined_at": ("注册时间", "加入时间", "入会时间"),
        "is_distributor": ("分销员", "是否分销员", "是否为分销员"),
        "referrer": ("推荐人", "推荐人ID", "推荐人编号", "上级", "上级ID", "上级编号"),
        "bound_at": BOUND_AT,
    },
    "bindings": {
        "member": MEMBER,
        "distributor": ("分销员", "分销员ID", "分销员编号", "上级", "上级ID", "上级编号"),
        "bound_at": BOUND_AT,
        "ended_at": ("解绑时间", "结束时间", "失效时间"),
    },
    "rules": {
        "scope": ("范围", "适用范围"),
        "target": ("对象", "适用对象"),
        "tier1": ("一级", "一级佣金", "一级比例", "一级佣金比例"),
        "tier2": ("二级", "二级佣金", "二级比例", "二级佣金比例"),
        "base": ("基数", "计佣基数", "计算基数"),
        "asset": ("资产", "发放方式", "发放账户"),
        "from": ("生效日期", "生效时间", "开始日期", "开始时间"),
    },
    "orders": {
        "order_no": ORDER_NO,
        "line_no": LINE_NO,
        "buyer": ("买家", "买家ID", "下单会员", *MEMBER),
        "sku": SKU,
        "quantity": ("数量", "购买数量", "件数"),
        "unit_price": ("单价", "商品单价"),
        "discount": ("优惠", "优惠金额", "折扣金额"),
        "shipping": ("运费", "邮费"),
        "status": ("状态", "订单状态"),
        "placed_at": ("下单时间", "创建时间"),
        "paid_at": ("付款时间", "支付时间"),
        "shipped_at": ("发货时间",),
        "received_at": ("收货时间", "确认收货时间", "签收时间"),
        "closed_at": ("关闭时间", "交易关闭时间"),
    },
    "refunds": {
        "refund_no": ("退款单号", "退款编号", "售后单号", "售后编号"),
        "order_no": ORDER_NO,
        "line_no": LINE_NO,
        "quantity": ("数量", "退货数量", "退款数量"),
        "amount": ("金额", "退款金额"),
        "freight": ("运费", "退运费", "退款运费"),
        "kind": ("类型", "售后类型", "退款类型"),
        "refunded_at": ("退款时间", "退款成功时间", "退款完成时间"),
    },
}

STATUSES = {
    "待付款": "placed", "未付款": "placed", "已下单": "placed", "已付款": "paid", "待发货": "paid",
    "已支付": "paid", "已发货": "shipped", "待收货": "shipped", "已收货": "received",
    "已签收": "received", "已完成": "completed", "交易成功": "completed", "已关闭": "closed",
    "交易关闭": "closed", "已取消": "closed",
}  # fmt: skip
REFUND_KINDS = {"仅退款": "refund", "退货退款": "return", "退货": "return", "换货": "exchange"}
YES_NO = {"是": "1", "否": "0", "TRUE": "1", "FALSE": "0"}
SCOPES = {"全店": "store", "店铺": "store", "分类": "category", "类目": "category",
          "商品": "product"}  # fmt: skip
BASES = {"实付": "paid", "实付金额": "paid", "利润": "profit"}
ASSETS = {"现金": "cash", "余额": "store_credit", "积分": "points", "奖金": "bonus"}


def column_of(name: str, header: str) -> str:
    """Return the column that a header names in any language, or the header itself."""
    wanted = "".join(header.split())
    for column, names in CHINESE[name].items():
        if wanted.lower() == column or wanted.upper() in names:
            return column
    return header
