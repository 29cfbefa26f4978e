"""What the names and terms of unlawful incentives say, in Chinese and English.

The words are read as members read them; a sentence that denies them ("no entry fee") passes.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple


class Shape(NamedTuple):
    """An unlawful form: the code of its objection, and how it is advertised."""

    code: str
    chinese: str
    english: str


_REWARD = r"(?:奖|送|返|(?<![不记觉值])得|领|赚|提成|红包)"
_BRING = r"(?:邀请?|推荐|引荐|介绍|拉新?|发展|招募)(?:成功|到|来)?"
_NUMBER = r"(?:\d+|[一二两三四五六七八九十百]+)"
_WHO = r"(?:新?人|好友|朋友|会员|用户|代理|分销员|下级|下线|粉丝)"
_ORDER = r"(?:下单|首单|出单|成交|的订单|完成订单|购买后)"
_MONEY = r"(?:¥ ?\d[\d.,]*|\d[\d.,]*[元块])"
_JOINING = (
    r"(?:注册|加入|入会|入驻|进群|入群|关注|下载|实名|成为(?:分销员|代理|会员|团长|合伙人|店主))"
)
_GAIN = rf"(?:{_REWARD}|换|兑|抽奖|有礼|免费|[即可]享|可获)"
_WECHAT = r"(?:朋友圈|视频号|微信群|好友群)"
_PLATFORM = (
    r"(?:小?红书|小红薯|xhs|抖音|快手|微博|B站|哔哩哔哩|知乎|头条|大众点评|豆瓣|社交平台|社交媒体"
    r"|自媒体)"
)
_POST = r"(?:发|晒|拍(?!下)|写|投稿|分享|转发|打卡|种草|上传|点评|笔记|评论|集人气)"
_NO_SALE = rf"(?:(?!{_ORDER}|不计|不给|买[一二两满\d])[^。;])"
_TITLE = r"(?:等级|代理|店主|合伙人|总监|VIP|vip|分销员|金牌|银牌|钻石|团长)"
_EN_GAIN = r"(?:\b(?:coupon|reward|gift|prize|bonus|cash|credit|discount|win|get|earn)s?\b|¥ ?\d)"
_EN_POST = r"\b(?:re)?(?:post|publish|share|upload|note|video|review|story)\w*\b"
_EN_PLATFORM = (
    r"\b(?:xiaohongshu|red ?note|little red book|douyin|tik ?tok|kuaishou|weibo|bilibili|zhihu"
    r"|instagram|facebook|youtube|social media)\b"
)
_EN_NO_SALE = r"(?:(?!order|buy|bought|purchas|\bsales?\b|no reward)[^.;。])"

SHAPES: tuple[Shape, ...] = (
    Shape(
        "push_three",
        r"推[二两三23]返[一本1]|买一推三|拉[三3]免[一1]|[三3]人免单"
        r"|推荐[二两三23][人位个名][^。;]{0,6}(?:返本|返还|全返|免单|退本)",
        r"(?:bring|refer|invite|push)s? (?:two|three|2|3)\b[^.;]{0,30}"
        r"(?:money back|refund|get one back)",
    ),
    Shape(
        "chain",
        r"链动|2 ?\+ ?1(?:模式|裂变|复制)|公排|三三复制|五级三阶|七人拼团|排队(?:返|免单|奖)"
        r"|滑落奖|太阳线",
        r"chain 2 ?\+ ?1|2 ?\+ ?1 (?:chain|model|matrix)|(?:forced|public) matrix|matrix plan"
        r"|queue (?:rebate|refund)",
    ),
    Shape(
        "third_tier",
        r"三级(?:分销|返佣|佣金|提成|奖)|无限(?:级|代|层|裂变)|多级(?:分销|返佣|佣金|提成|奖)"
        r"|第三[级层代]|层层(?:返|提|奖)|下下级|孙级",
        r"(?:third|3rd) (?:tier|level|generation)|(?:three|3)[- ](?:tier|level)s?\b"
        r"|(?:unlimited|infinite|endless) (?:tier|level|depth)|multi-?level|\bmlm\b",
    ),
    Shape(
        "team_sales",
        r"(?:团队|下线|下级|伞下)(?:的)?(?:总)?(?:业绩|销售额?|销量|流水)(?:(?!本人|自己|个人)[^。;]){0,8}"
        r"(?:提成|返佣|返点|奖|分红|抽成)|团队计酬|级差|极差|见点奖|对碰|双轨",
        r"(?:team|downline|group)(?:'s)? (?:sales|volume|turnover)[^.;]{0,30}"
        r"(?:commission|bonus|percent|%|paid)|\boverrides?\b|(?:binary|matching) bonus",
    ),
    Shape(
        "headcount",
        rf"人头|发展下线|(?:(?:发展|拉来|招募){_NUMBER}?[个名位]?{_WHO}"
        rf"|{_BRING}{_NUMBER}(?:[人名位]|个{_WHO})"
        rf"|每(?:成功)?{_BRING}(?:{_NUMBER}[个名位]?)?{_WHO})[^。;单购消买付]{{0,8}}{_REWARD}",
        r"per[- ]head|head ?count|for (?:each|every) (?:person|recruit|member you bring)"
        r"|recruit(?:s|ed|ing)?\b[^.;]{0,25}(?:bonus|reward|earn|get|cash)|downlines?",
    ),
    Shape(
        "joining",
        r"(?:邀请|推荐|拉|发展|介绍|带)[^。;]{0,10}" + _JOINING + r"[^。;单购消完]{0,8}" + _REWARD,
        r"(?:sign(?:s|ed|ing)?[ -]?up|regist(?:er|ers|ering|ration)|join(?:s|ing)?|downloads?)\b"
        r"(?:(?!order|buy|bought|purchas)[^.;]){0,30}\b(?:bonus|reward|earn|cash|gets?)\b",
    ),
    Shape(
        "entry_fee",
        r"入门费|加盟费|代理费|入会费|报名费|门槛费|席位费|激活费|升级费"
        r"|(?:缴纳|交纳|缴|(?<![成提递])交|支付|付|充值|预存)[^。;]{0,10}"
        r"(?:才|方可|即可|可)?(?:参加|参与|加入|成为|激活|获得资格)"
        rf"|(?:缴|(?<![成提递])交|付|充值|预存)[纳费款满]?{_MONEY}[^。;单]{{0,6}}"
        r"(?:才|可|就能)[领得享拿获]",
        r"(?:entry|entrance|joining|membership|franchise|activation|admission|enrolment) fee"
        r"|deposit to (?:join|take part|enter)|starter (?:kit|pack)"
        r"|\bpay\b[^.;]{0,25}\bto (?:join|take part|enter|participate)",
    ),
    Shape(
        "level_by_purchase",
        r"(?:购买|消费|充值|自购|付费|花)[^。;]{0,12}(?:升级|晋升|升为|成为|获得)[^。;]{0,6}"
        + _TITLE,
        r"\b(?:buy|purchase|spend|pay|top up)\b[^.;]{0,30}"
        r"(?:\bupgrade|\bbecome\b|\bbe promoted|\bnext level|\breach (?:gold|silver|level))",
    ),
    Shape(
        "stockpile",
        r"云仓|囤货|压货|(?:进货|拿货|备货)[^。;]{0,8}(?:升级|代理|资格|级别)",
        r"stockpil|inventory loading|cloud warehouse|\bbuy stock\b|stock up to",
    ),
    Shape(
        "required_purchase",
        r"(?:必须|须|需要|需|先|要求)(?:自购|购买|消费|下单|买|复购)[^。;]{0,16}"
        r"(?:才|方可|方能|即可参|参加|参与|资格)|自购达标"
        r"|自购[^。;]{0,10}(?:后|再|才|方)[^。;]{0,4}(?:邀请|推荐|分享|拉新)",
        r"(?:must|have to|has to|need to|needs to|required to)(?: first)? "
        r"(?:buy|purchase|order|spend)"
        r"|\bbuy\b[^.;]{0,25}\bto (?:qualify|take part|join|participate)",
    ),
    Shape(
        "likes",
        rf"集[满齐够到]?{_NUMBER}?个?点?赞(?!助)|点赞[^。;]{{0,10}}{_GAIN}"
        rf"|(?:(?:转发|分享)[^。;]{{0,12}}群|{_POST}[^。;]{{0,12}}{_WECHAT}"
        rf"|{_WECHAT}|(?<![头买购送赠款套])发圈"
        rf"|(?:转发|分享)[^。;]{{0,8}}{_NUMBER}[个位名]?(?:好友|朋友|人)){_NO_SALE}{{0,30}}{_GAIN}"
        rf"|(?:好友|邀请|请人|找人|帮我?)[^。;]{{0,6}}助力{_NO_SALE}{{0,16}}{_GAIN}"
        rf"|助力[满够]?{_NUMBER}[人位个次]{_NO_SALE}{{0,16}}{_GAIN}|砍一刀|砍价免费"
        rf"|转发(?:有礼|{_NO_SALE}{{0,12}}{_GAIN})"
        rf"|关注[^。;]{{0,10}}号{_NO_SALE}{{0,8}}{_GAIN}",
        r"(?:collect|gather|get) (?:\d+ )?likes\b"
        r"|\blikes? (?:for|to) (?:a |the )?(?:reward|coupon|gift|prize|win|get)"
        r"|(?:share|post|forward)s?\b[^.;]{0,20}\d+ (?:groups|chats)"
        r"|\b(?:like|follow|comment|share|tag)s?\b[^.;]{0,12}\b(?:and|&) "
        rf"(?:like|follow|comment|share|tag)s?\b{_EN_NO_SALE}{{0,30}}{_EN_GAIN}"
        rf"|\btag (?:a|\d+|two|three|your) friends?\b{_EN_NO_SALE}{{0,30}}{_EN_GAIN}"
        rf"|{_EN_POST}[^.;]{{0,30}}\b(?:moments|channels)\b{_EN_NO_SALE}{{0,40}}{_EN_GAIN}"
        rf"|{_EN_GAIN}{_EN_NO_SALE}{{0,40}}{_EN_POST}[^.;]{{0,30}}\b(?:moments|channels)\b"
        rf"|{_EN_GAIN}{_EN_NO_SALE}{{0,40}}\bmoments (?:post|photo|video)"
        rf"|\b(?:repost|retweet|forward)\w*\b{_EN_NO_SALE}{{0,40}}{_EN_GAIN}",
    ),
    Shape(
        "paid_posts",
        rf"(?:{_POST}[^。;]{{0,12}})?{_PLATFORM}(?!同款|小?店|直播){_NO_SALE}{{0,30}}{_GAIN}"
        rf"|(?:(?<!防)晒[单图]|买家秀){_NO_SALE}{{0,30}}{_GAIN}"
        rf"|{_GAIN}[^。;]{{0,8}}(?:发布?|晒|写|转发){_PLATFORM}",
        rf"(?:{_EN_POST}{_EN_NO_SALE}{{0,30}})?{_EN_PLATFORM}{_EN_NO_SALE}{{0,40}}{_EN_GAIN}"
        rf"|{_EN_GAIN}{_EN_NO_SALE}{{0,40}}{_EN_PLATFORM}",
    ),
    Shape(
        "paid_reviews",
        r"(?:好评|五星|5星)[^。;]{0,8}(?:返|送|奖|领|红包)|刷单|刷评",
        r"(?:five|5)[- ]star[^.;]{0,20}(?:reward|cash|bonus|refund|coupon)"
        r"|(?:cash|reward|bonus|coupon|gift)s? for (?:a )?(?:good|positive|five-star|5-star)"
        r" reviews?",
    ),
    Shape(
        "full_rebate",
        r"消费(?:全返|返利|返本|增值)|全额返[还现]|返本|(?:每天|每日|按天|分期)返",
        r"(?:full|100 ?%) (?:rebate|cash ?back)|consumption rebate|daily rebate",
    ),
    Shape(
        "dividends",
        r"(?:利润|股东|原始股|股权|营业额|全网|平台|加权|静态|动态|永久)(?:分红|收益|红利)"
        r"|分红权|虚拟股|保本|稳赚|躺赚",
        r"\bdividends?\b|profit[- ]sharing|guaranteed (?:return|income|profit)|passive income"
        r"|static (?:income|return)",
    ),
)
"""The more special forms first: each text is objected to once."""

# Real denials only: 不 alone also begins 不限 and 不封顶, 非 also 非常. Between the denial and the
# words denied may stand a few characters and other parts of a list, but never a word that makes
# it a denial of a limit or an end ("没有上限的人头奖", "no limit on recruits' bonus").
_DENIAL = (
    r"(?:无需|无须|毋须|不需要?|不用|不必|不收|不按|不以|不设|不拉|不搞|不做|不给|不得|不能|不可"
    r"|不许|不准|不会|不是|不存在|并非|绝非|而非|免收|免交|免缴|免除|没有|禁止|严禁|杜绝|拒绝"
    r"|请勿|切勿)"
)
_NOT_OF_A_LIMIT = r"(?!限|封顶|断|止|常|错过)"
_DENIED_BEFORE = re.compile(
    _DENIAL
    + rf"(?:{_NOT_OF_A_LIMIT}[^,。;!?、]){{0,4}}(?:(?:{_NOT_OF_A_LIMIT}[^,。;!?]){{1,20}}、)?$"
    r"|(?:(?<![何么])不|无|零|免|勿)$"
    r"|(?:\bno|\bnot|\bnever|\bwithout|\bfree of|n't)[^\w.;:!?,]+"
    r"(?:(?!limit|cap\b|end|maximum|ceiling|only|miss)\w+[^\w.;:!?,]+){0,3}$",
    re.IGNORECASE,
)
# "Without a fee you cannot take part" demands the fee.
_DEMANDED_AFTER = re.compile(
    r"^[^。.;]{0,16}(?:(?:不能|不得|不可|无法)(?:参|加入|领|获|升)"
    r"|(?:cannot|can't) (?:join|take|enter|earn))"
)
# People write signs and spaces between characters to hide a word: 人/头, 推 三 返 一.
_GAPS = re.compile(
    r"(?<=[^\x00-\x7f])[\s*·_\-]+|[\s*·_\-]+(?=[^\x00-\x7f])"
    r"|(?<=[^\x00-\x7f])[./\\|~+'\"“”‘’「」【】]+(?=[^\x00-\x7f])"
)
_TRADITIONAL = str.maketrans(
    "發獎請註冊團隊業績銷額級購買費門繳納線鏈動點讚贊領賺紅員會囤貨雲倉壓進備須薦評還層無個兩頭"
    "轉達參與實關載為權潤營穩靜態換禮開體複復證儲書圖曬視頻號佈條筆記獲單傳",
    "发奖请注册团队业绩销额级购买费门缴纳线链动点赞赞领赚红员会囤货云仓压进备须荐评还层无个两头"
    "转达参与实关载为权润营稳静态换礼开体复复证储书图晒视频号布条笔记获单传",
)
"""The traditional characters that unlawful words are written with, and the simplified ones."""
_INVISIBLE = {"Cf", "Mn", "Me"}
"""Categories of Unicode: formats such as the zero-width space, and marks on other characters."""


def shapes_in(text: str) -> Iterator[tuple[str, str]]:
    """Yield the code of each unlawful shape that a text advertises, with the words that say so."""
    plain = _plain(text)
    for shape in SHAPES:
        pattern = re.compile(f"{shape.chinese}|{shape.english}", re.IGNORECASE)
        words = next((found for found in pattern.finditer(plain) if not _denied(found)), None)
        if words:
            yield shape.code, words[0]


def _plain(text: str) -> str:
    """Return a text as the patterns expect it: in one form of each character, nothing hidden.

    Commas, semicolons and exclamation marks become those of ASCII; the full stop 。 stays.
    """
    normal = unicodedata.normalize("NFKC", text).translate(_TRADITIONAL)
    seen = "".join(sign for sign in normal if unicodedata.category(sign) not in _INVISIBLE)
    return _GAPS.sub("", seen)


def _denied(found: re.Match[str]) -> bool:
    before, rest = found.string[: found.start()], found.string[found.start() :]
    return bool(_DENIED_BEFORE.search(before)) and not _DEMANDED_AFTER.search(rest)
