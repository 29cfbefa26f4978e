"""Sample data to look at templates with: usual, long, missing and hostile values by industry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from posters.rendering.data import PosterData, ProductData, ShareData, ShopData, UserData
from posters.rendering.sample_pictures import avatar, product_picture

LINK = "https://m.example.com/s/8f3k2d9xAb"
LINE = "用了一整个秋冬，真心推荐给你，手慢无～"
NICKNAME = "小鹿🦌爱分享✨"

SHOP = ShopData(
    name="云集优选",
    slogan="官方正品保障",
    cta="长按识别二维码",
    cta2="立即查看商品详情，领券下单更优惠",
    footer="价格以商品详情页实际展示为准，活动最终解释权归商家所有",
)


@dataclass(frozen=True, slots=True)
class Goods:
    title: str
    price_fen: int
    strike_fen: int
    tags: tuple[str, ...]
    badge: str = "限时特惠"


GOODS: Mapping[str, Goods] = {
    "beauty": Goods(
        "【买二送一】奥蕾莉亚 玻尿酸深层修护面霜 50ml 保湿补水", 19900, 39900,
        ("深层补水", "72h长效", "敏感肌可用", "顺丰包邮"),
    ),
    "food": Goods(
        "秦岭深山农家自产土蜂蜜 山野百花蜜 500g×2瓶 当季新蜜", 6880, 12800,
        ("无添加", "现割现发", "坏损包赔", "产地直供"), "新蜜上市",
    ),
    "baby": Goods(
        "婴儿纯棉云朵睡袋 四季通用防踢被 新生儿宝宝连体睡衣", 15900, 23900,
        ("A类纯棉", "无荧光剂", "四季可用"), "宝妈推荐",
    ),
    "fashion": Goods(
        "轻奢羊绒双面呢大衣 女秋冬中长款 经典收腰廓形外套", 89900, 159900,
        ("100%羊毛", "手工双面呢", "七天无理由"), "秋冬新款",
    ),
    "digital": Goods(
        "NOVA ONE 智能音箱 Pro 360°环绕立体声 蓝牙5.4 全屋语音控制", 129900, 199900,
        ("Hi-Res认证", "40h续航", "全屋智能", "两年质保"), "新品首发",
    ),
    "education": Goods(
        "少儿英语启蒙一对一外教课 48课时 送定制绘本礼盒", 299900, 459900,
        ("真人外教", "随到随学", "不满意可退"), "秋季班",
    ),
    "home": Goods(
        "北欧风实木床头柜 简约卧室储物柜 免安装整装到家", 36900, 59900,
        ("白橡木", "环保漆", "免安装"), "家装节",
    ),
    "health": Goods(
        "有机五谷养生粉 黑芝麻核桃桑葚 早餐代餐 600g 罐装", 12900, 19800,
        ("0蔗糖", "现磨现装", "独立小袋"), "早餐优选",
    ),
    "festival": Goods(
        "年货坚果大礼盒 每日坚果混合装 12罐 送礼团购", 16800, 26800,
        ("12种坚果", "礼袋装", "满二减十"), "年货节",
    ),
}  # fmt: skip
MINIMAL = Goods(
    "手工吹制玻璃花瓶 哑光雾面 客厅插花摆件", 21900, 32900, ("手工吹制", "一器一物"), "上新"
)
LONGEST_TITLE = (
    "【官方旗舰店·限时第2件半价】SUPER-HYALURONIC 超级玻尿酸（微分子）深层修护保湿补水紧致提亮"
    "抗皱面霜50ml×2瓶装+旅行装15ml×3支，敏感肌孕妇可用，送礼盒装母亲节礼物"
)

HOSTILE_NAMES = (
    "👨‍👩‍👧‍👦一家四口👩🏽‍🚀",
    "👍🏻👍🏼👍🏽👍🏾👍🏿点赞",
    "🇨🇳🇭🇰中国🏴󠁧󠁢󠁥󠁮󠁧󠁿England",
    "1️⃣号店长☎️©️",
    "☀︎文字☀️表情❤︎❤️",
    "𠮷野家𡘙小二",
    "한국언니 さくら カフェ",
    "محمد عبدالله",
    "Z̸̢̧̛͔̟̝̗͉̞̀̾̓͑̚a̷͎̠̅l̶̨̛̗̐g̸̰͝o̵̼̿",
    "e" + "\u0301" * 500,
    "\u202eneddih\u202c反转",
    "\u200b\u200c\u200d\u2060\ufeff",
    "\ue000\ue001私用区\uf8ff",
    "\x00\x07\x1b[31m红\x7f",
    "福" * 500,
    "𝓐𝓷𝓷𝓪 ℌ𝔢𝔩𝔩𝔬",
    "",
    "   \t\n　  ",
    "👩" + "\u200d👩" * 400,
    "<script>alert(1)</script>{{user.avatar}}",
    "꧁༺ཌༀ༒大神༒ༀད༻꧂ ♡✿❀",
    "ＡＢＣ①②③㊗️㍿ﬁ½",
)


def normal(kind: str = "product", industry: str = "") -> PosterData:
    """Return the usual values for a template of a kind and industry."""
    goods = GOODS.get(industry, MINIMAL)
    product = ProductData(
        title=goods.title,
        price_fen=goods.price_fen,
        strike_fen=goods.strike_fen,
        picture=product_picture(industry),
        picture_key=f"sample-{industry}",
        badge=goods.badge,
        tags=goods.tags,
    )
    return PosterData(
        share=ShareData(link=LINK, line=LINE),
        product=product if kind == "product" else None,
        user=UserData(nickname=NICKNAME, avatar=avatar(), avatar_key="sample"),
        shop=SHOP,
    )


def longest_title(kind: str = "product", industry: str = "") -> PosterData:
    return _with_product(normal(kind, industry), title=LONGEST_TITLE)


def no_strike_price(kind: str = "product", industry: str = "") -> PosterData:
    return _with_product(normal(kind, industry), strike_fen=None)


def no_price(kind: str = "product", industry: str = "") -> PosterData:
    return _with_product(normal(kind, industry), price_fen=None, strike_fen=None)


def no_pictures(kind: str = "product", industry: str = "") -> PosterData:
    data = _with_product(normal(kind, industry), picture=None, picture_key="")
    return replace(data, user=UserData(nickname=NICKNAME))


def hostile(kind: str = "product", industry: str = "", *, number: int = 0) -> PosterData:
    """Return the usual values with one of the nicknames that break other engines."""
    data = normal(kind, industry)
    return replace(data, user=replace(data.user, nickname=HOSTILE_NAMES[number]))


SAMPLES = {
    "normal": normal,
    "longest_title": longest_title,
    "no_strike_price": no_strike_price,
    "no_price": no_price,
    "no_pictures": no_pictures,
    "hostile": hostile,
}
"""The samples that the editor offers, by name."""


def _with_product(data: PosterData, **changes: object) -> PosterData:
    if data.product is None:
        return data
    return replace(data, product=replace(data.product, **changes))  # type: ignore[arg-type]
