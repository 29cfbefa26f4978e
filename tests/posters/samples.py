"""Data as shops really have it, for every shipped template."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from posters.rendering import PosterData, ProductData, ShareData, ShopData, UserData
from tests.posters.photos import avatar, photo

SHIPPED = Path(__file__).resolve().parents[2] / "posters" / "shipped"
CODES = sorted(path.stem for path in SHIPPED.glob("*.json"))
LINK = "https://shop.twotier.example/s/8f3K2d9xAb"  # 41 bytes: a code of 10 characters


@dataclass(frozen=True)
class Goods:
    scene: str
    title: str
    price: int
    strike: int | None
    badge: str
    tags: tuple[str, ...]


GOODS: dict[str, Goods] = {
    "beauty": Goods(
        "jar", "AURELIA 奥蕾莉亚 玻尿酸深层修护面霜 50ml 保湿补水", 19900, 39900, "限时特惠",
        ("深层补水", "72h长效", "敏感肌可用", "顺丰包邮"),
    ),
    "digital": Goods(
        "speaker", "NOVA ONE 智能音箱 Pro 360°环绕立体声 蓝牙5.4 40小时续航", 129900, 199900,
        "新品首发", ("Hi-Res认证", "40h续航", "全屋智能", "两年质保"),
    ),
    "fashion": Goods(
        "dress", "法式收腰连衣裙 垂感面料 复古红 通勤约会都好穿", 32900, 45900, "上新",
        ("显瘦收腰", "不易皱", "七天可退"),
    ),
    "food": Goods(
        "fruit", "赣南脐橙 现摘现发 皮薄多汁 5斤装 坏果包赔", 3980, 5980, "产地直发",
        ("现摘现发", "坏果包赔", "次日达", "包邮"),
    ),
    "baby": Goods(
        "bear", "安睡小熊 婴儿安抚玩偶 可啃咬 可机洗 送礼盒", 8900, 12900, "宝妈推荐",
        ("A类面料", "可机洗", "送礼盒"),
    ),
    "home": Goods(
        "lamp", "原木落地灯 卧室床头暖光 无极调光 护眼不频闪", 26900, 36900, "新品",
        ("无极调光", "实木灯架", "免费安装"),
    ),
    "education": Goods(
        "books", "30天写作训练营：从不会写到写得清楚", 9900, 19900, "早鸟价",
        ("直播答疑", "作业点评", "回看一年"),
    ),
    "general": Goods(
        "bottle", "草本洗发水 500ml 清爽控油 无硅油", 6880, 8800, "第二件半价",
        ("无硅油", "氨基酸", "清爽控油"),
    ),
    "sports": Goods(
        "mountains", "轻量徒步背包 40L 防泼水 透气背负 送防雨罩", 45900, 59900, "户外季",
        ("980g轻量", "防泼水", "送防雨罩"),
    ),
    "grocery": Goods(
        "fruit", "当季鲜橙 5斤装 早上下单 下午到家", 2990, 3990, "今日特价",
        ("当日达", "坏果包赔", "可自提"),
    ),
    "festival": Goods(
        "jar", "秦岭土蜂蜜礼盒 500g×2瓶 当季新蜜 玻璃瓶装", 16800, 22800, "新蜜上市",
        ("无添加", "现割现发", "坏损包赔", "礼盒装"),
    ),
    "luxury": Goods(
        "jar", "18K金 铃兰花系列项链 设计师款", 468000, None, "限量礼盒",
        ("18K金", "附证书", "免费清洗"),
    ),
    "health": Goods(
        "bottle", "全麦低糖代餐饼干 独立小包 办公室早餐", 5990, 7990, "老顾客回购",
        ("0蔗糖", "高纤维", "独立小包"),
    ),
    "travel": Goods(
        "mountains", "云顶山居 两天一晚 双人套票 含早餐与日出观景台", 69900, 99900, "周末可用",
        ("含双早", "随时退", "免费停车"),
    ),
}  # fmt: skip
ANY = GOODS["beauty"]
LONGEST = (
    "【买二送一】AURELIA 奥蕾莉亚 玻尿酸深层修护面霜 50ml 保湿补水紧致提亮肤色，敏感肌可用，"
    "送小样三件套与定制礼盒（Limited Edition Gift Box），晒单再返优惠券——老顾客回购专享装"
)
LINE = "用了一整个秋冬，真心推荐给你，手慢无～"
LONG_LINE = (
    "家里老人孩子都在用，回购第三次了，客服很耐心，快递也快，包装没有一点破损，真的可以放心买"
)
SHOP = ShopData(
    name="云集优选", slogan="每一件都亲自试过",
    cta="长按识别二维码", cta2="查看详情，领券下单更优惠",
    footer="价格以商品详情页实际展示为准", is_ad=True,
)  # fmt: skip


def document(code: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((SHIPPED / f"{code}.json").read_text(encoding="utf-8"))
    return loaded


def product(industry: str, scene: str = "") -> ProductData:
    goods = GOODS.get(industry, ANY)
    name = scene or goods.scene
    return ProductData(
        title=goods.title, price_fen=goods.price, strike_fen=goods.strike, picture=photo(name),
        picture_key=name, badge=goods.badge, tags=goods.tags,
    )  # fmt: skip


def normal(code: str, scene: str = "") -> PosterData:
    """Return the data of an ordinary poster of a template."""
    read = document(code)
    return PosterData(
        share=ShareData(link=LINK, line=LINE),
        product=product(read["industry"], scene) if read["kind"] == "product" else None,
        user=UserData(nickname="小鹿🦌爱分享✨", avatar=avatar(), avatar_key="sample"),
        shop=SHOP,
    )


def longest(data: PosterData) -> PosterData:
    """Return the data with all texts as long as they get, and a high price."""
    goods = data.product and replace(
        data.product, title=LONGEST, price_fen=9_999_900, strike_fen=12_888_888,
        badge="限时特惠前一百名送礼盒",
        tags=("深层补水保湿", "72小时长效", "敏感肌可用", "顺丰包邮", "晒单返券"),
    )  # fmt: skip
    shop = replace(
        data.shop, name="云集优选官方旗舰店（杭州西湖总店）",
        slogan="每一件都亲自试过，不好用就退，运费我们来出",
        cta="长按识别二维码进店查看", cta2="查看详情，领券下单更优惠，今天下单明天就能发货",
        footer="价格以商品详情页实际展示为准，活动最终以页面公示的规则为准，如有疑问请联系客服",
    )  # fmt: skip
    share = replace(data.share, line=LONG_LINE)
    user = replace(data.user, nickname="一个名字特别特别长的分享达人小助理🌸🌸🌸")
    return replace(data, product=goods, shop=shop, share=share, user=user)


def without_original(data: PosterData) -> PosterData:
    return replace(data, product=data.product and replace(data.product, strike_fen=None))


def without_price(data: PosterData) -> PosterData:
    goods = data.product and replace(data.product, price_fen=None, strike_fen=None)
    return replace(data, product=goods)


def bare(data: PosterData) -> PosterData:
    """Return the least that a poster can have: a title and a link."""
    goods = data.product and ProductData(title="手工皂")
    return PosterData(share=ShareData(link=LINK), product=goods, shop=ShopData(is_ad=False))
