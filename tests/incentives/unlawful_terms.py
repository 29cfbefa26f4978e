"""Terms that the law forbids, with the article that each breaks."""

from __future__ import annotations

from typing import Any

from distribution.models import Level
from incentives.models import Metric, PeriodKind, Reward, Version
from promotions.models import Coupon
from tests.incentives.offers import reward

Reach = Version.Reach
LEVEL = {"kind": "level", "level": Level(rank=1, name="金牌"), "days": 90}
COUPON = {"kind": "coupon", "coupon": Coupon(name="新人券")}
BOOST = {"kind": "boost", "rate": 20_000, "days": 30}
STRUCTURES: dict[str, tuple[str, dict[str, Any], Reward]] = {
    "pay per head": ("headcount", {"metric": "headcount"}, reward()),
    "pay per registration": ("headcount", {"metric": "registrations"}, reward()),
    "pay for followers": ("headcount", {"metric": "followers"}, reward()),
    "pay from entry fees": ("entry_fee", {"metric": "entry_fees"}, reward()),
    "pay from deposits": ("entry_fee", {"metric": "deposits"}, reward()),
    "a third tier": ("third_tier", {"metric": "tier3_sales"}, reward()),
    "a third level": ("third_tier", {"metric": "third_level_orders"}, reward()),
    "pay from a downline": ("team_sales", {"metric": "downline_sales"}, reward()),
    "pay from a team's orders": ("team_sales", {"metric": "team_orders"}, reward()),
    "pay from a team's sales": ("team_sales", {"metric": Metric.TEAM_SALES}, reward()),
    "cash for a recruit": (
        "cash_for_distributors", {"metric": Metric.NEW_DISTRIBUTORS, "most_per_member": 3},
        reward(),
    ),
    "a percentage of a recruit": (
        "cash_for_distributors", {"metric": Metric.NEW_DISTRIBUTORS, "most_per_member": 3},
        reward(kind="percent", rate=500, asset="store_credit"),
    ),
    "a level for recruits": (
        "cash_for_distributors", {"metric": Metric.NEW_DISTRIBUTORS, "most_per_member": 3},
        reward(**LEVEL),
    ),
    "recruits without a limit": (
        "uncapped_distributors", {"metric": Metric.NEW_DISTRIBUTORS}, reward(asset="store_credit"),
    ),
    "recruits with too high a limit": (
        "uncapped_distributors", {"metric": Metric.NEW_DISTRIBUTORS, "most_per_member": 11},
        reward(asset="store_credit"),
    ),
    "recruits with a limit per order": (
        "uncapped_distributors",
        {"metric": Metric.NEW_DISTRIBUTORS, "most_per_member": 1, "period": PeriodKind.EACH},
        reward(asset="store_credit"),
    ),
    "recruits with a limit per week": (
        "uncapped_distributors",
        {"metric": Metric.NEW_DISTRIBUTORS, "most_per_member": 3, "period": PeriodKind.WEEK},
        reward(asset="store_credit"),
    ),
    "a contest of recruiting": (
        "uncapped_distributors",
        {"metric": Metric.NEW_DISTRIBUTORS, "most_per_member": 3, "reach": Reach.RANK},
        reward(asset="store_credit", first_rank=1, last_rank=1),
    ),
    "a level by purchase": ("level_by_purchase", {"metric": Metric.OWN_SPEND}, reward(**LEVEL)),
    "a boost by purchase": ("level_by_purchase", {"metric": Metric.OWN_SPEND}, reward(**BOOST)),
    "cash for purchases": ("cash_for_purchases", {"metric": Metric.OWN_SPEND}, reward()),
    "a bonus for purchases": (
        "cash_for_purchases", {"metric": Metric.OWN_SPEND}, reward(asset="bonus")
    ),
    "a gift for purchases": (
        "cash_for_purchases", {"metric": Metric.OWN_SPEND}, reward(kind="gift", gift_id=1)
    ),
    "a level by friends": (
        "level_by_headcount", {"metric": Metric.REFERRED_BUYERS}, reward(**LEVEL)
    ),
    "cash for a screenshot": ("money_for_proofs", {"metric": Metric.PROOF}, reward()),
    "points for a screenshot": (
        "money_for_proofs", {"metric": Metric.PROOF}, reward(asset="points")
    ),
    "a contest of screenshots": (
        "money_for_proofs", {"metric": Metric.PROOF, "reach": Reach.RANK},
        reward(kind="gift", gift_id=1, first_rank=1, last_rank=1),
    ),
}  # fmt: skip
HEADS = ("《禁止传销条例》第七条第（一）项", "禁止传销条例, article 7 (1)")
ENTRY = ("《禁止传销条例》第七条第（二）项", "禁止传销条例, article 7 (2)")
TEAM = ("《禁止传销条例》第七条第（三）项", "禁止传销条例, article 7 (3)")
FUNDS = ("《防范和处置非法集资条例》第二条", "防范和处置非法集资条例, article 2")
SHARING = ("《微信外部链接内容管理规范》诱导分享", "微信外部链接内容管理规范, induced sharing")
ARTICLES: dict[str, tuple[str, str]] = {
    "headcount": HEADS, "joining": HEADS, "cash_for_distributors": HEADS,
    "uncapped_distributors": HEADS, "level_by_headcount": HEADS,
    "entry_fee": ENTRY, "required_purchase": ENTRY, "cash_for_purchases": ENTRY,
    "level_by_purchase": ENTRY, "stockpile": ENTRY, "push_three": ENTRY,
    "team_sales": TEAM, "third_tier": TEAM, "chain": TEAM,
    "full_rebate": FUNDS, "dividends": FUNDS,
    "likes": SHARING, "money_for_proofs": SHARING,
    "paid_posts": ("《互联网广告管理办法》第九条", "互联网广告管理办法, article 9"),
    "paid_reviews": ("《电子商务法》第十七条", "电子商务法, article 17"),
}  # fmt: skip
"""By form: the article in Chinese, and in English."""
LANGUAGES = ("zh-hans", "en")
WORDS: dict[str, tuple[str, ...]] = {
    "headcount": (
        "每拉一个人头奖 10 元", "发展下线拿奖金", "发展3个代理奖励500元",
        "¥10 per head", "Get a bonus for each person you bring", "Recruit friends and earn cash",
        "Rewards grow with your downline",
        "不限人头，每人奖10元", "上不封顶人头奖", "非常欢迎发展下线", "没有上限的人头奖",
        "不收费，人头奖10元", "不能错过的人头奖", "不间断发展下线",
        "每邀请一人奖励10元", "每成功邀请1位好友，奖励10元", "拉新一位得30元", "每推荐好友奖10元",
        "人/头奖", "人“头”奖", "人.头奖", "發展下線獎10元",
        "人\N{ZERO WIDTH SPACE}头奖", "人\N{SOFT HYPHEN}头奖",
        "人\N{COMBINING GRAPHEME JOINER}头奖",
        "There is no limit on recruits' bonus", "No cap on the head count bonus",
        "No fee. Recruit friends and earn cash", "There is no end to recruiting bonuses",
    ),
    "joining": (
        "邀请好友注册即送10元", "拉好友进群奖励红包", "推荐会员成为分销员得50元",
        "邀请关注公众号领红包", "邀请好友注册，即得5元红包", "邀請好友註冊即送10元",
        "Your friend signs up and you get ¥10", "Invite friends to register and earn ¥5",
    ),
    "entry_fee": (
        "缴纳99元即可参加", "交 199 元成为合伙人", "入门费 500 元",
        "先付99元，再参加活动", "交99元即可领取奖励", "充值 ¥1,000 才能参加", "付费¥99就能拿奖",
        "支付押金后方可加入", "没有缴纳加盟费不能参加", "未交会费，没有缴纳入门费，不能参加",
        "Pay ¥99 to join", "The joining fee is ¥50", "Buy the starter kit first",
    ),
    "required_purchase": (
        "须购买一套产品才能参加", "必须自购满 300 元方可领奖", "先消费再参与", "自购达标返 10 元",
        "自购满300元后，邀请好友得奖励",
        "You must buy one set before you earn", "Buy one to qualify",
    ),
    "level_by_purchase": (
        "购买 399 元礼包升级金牌", "充值 1000 元成为代理", "消费满 500 获得钻石等级",
        "购买399元礼包，即成为分销员", "充值1000元，升级金牌",
        "Buy for ¥399 and upgrade", "Spend ¥1,000 to become gold",
    ),
    "stockpile": (
        "云仓代理招募", "囤货越多奖励越高", "拿货 10 箱升级",
        "Join our cloud warehouse", "Inventory loading pays",
    ),
    "team_sales": (
        "团队业绩 5% 奖金", "按下线销售额提成", "团队计酬", "级差奖", "见点奖 3 元",
        "团队销售，按5%奖励", "團隊業績5%獎金",
        "Team sales pay a 5 % bonus", "Matching bonus", "An override on sales",
    ),
    "third_tier": (
        "三级分销", "不封顶三级分销", "不止三级分销",
        "无限级返佣", "第三层也有奖", "层层返现", "下下级出单也奖",
        "Third tier commission", "A three-level plan", "Unlimited levels", "Multi-level rewards",
    ),
    "push_three": (
        "推三返一", "推 三 返 一", "推3返1", "推荐3人返本", "推荐三位全返", "三人免单", "拉3免1",
        "Bring three friends and get your money back", "Refer 3 friends for a full refund",
    ),
    "chain": (
        "链动2+1", "链动 2 + 1", "2+1模式", "2 + 1 模式",
        "公排系统", "三三复制", "排队免单", "七人拼团",
        "Chain 2+1", "The 2 + 1 model", "A forced matrix",
    ),
    "likes": (
        "集赞 38 个送面膜", "集满30赞领奖", "朋友圈点赞满 20 送券", "转发 3 个群领红包",
        "发一条朋友圈晒出购买的商品，截图上传，审核通过即得一张优惠券", "分享到朋友圈即得优惠券",
        "集齐38个赞得礼品", "集够三十个点赞换礼品", "发朋友圈送券", "转发海报到朋友圈，领红包",
        "发圈领红包", "朋友圈打卡 7 天返现", "朋友圈分享有奖", "朋友圈保留24小时送礼",
        "发朋友圈，凭截图兑换礼品", "發朋友圈曬圖送券", "发视频号作品领优惠券",
        "在视频号转发，得红包",
        "转发活动链接，领 10 元", "转发有礼", "把活动分享给 5 位好友即可领券", "关注公众号领红包",
        "邀请好友助力，满10人得礼品", "助力 10 人领红包", "砍一刀免费拿",
        "Get ¥5 for a post in your Moments", "Publish a video to Channels and get a gift",
        "Like and share to win a prize", "Tag three friends to win", "Repost our video and win",
        "Forward this poster to your groups and get a coupon",
        "Collect 30 likes", "Likes for a reward", "Share to 3 groups and win",
        "Post a photo to your Moments and get a coupon", "Share to Moments to win a prize",
    ),
    "paid_posts": (
        "发小红书笔记送券", "在小红书发布种草笔记，截图即得优惠券", "小红书种草有奖",
        "發佈小紅書筆記送券",
        "小 红 书 发 帖 送 券", "发红书笔记领券", "发xhs笔记领券", "写小红书笔记，审核通过得10元券",
        "拍抖音，得购物金", "发布抖音短视频即送面膜", "抖音晒单，奖励 20 元", "凭抖音作品截图领券",
        "抖音播放量满 1 万，奖励 200 元", "在抖音@我们可获礼品", "发快手视频奖励", "B站投稿送礼品",
        "发微博送券", "微博转发抽奖", "在知乎写回答领红包", "晒单返现 5 元", "晒图有礼，送优惠券",
        "Post on Xiaohongshu and get a coupon", "Publish a RedNote note to win a gift",
        "Share a Douyin video and earn ¥10", "Every Douyin video brings a coupon",
        "Get 1,000 views on Douyin and earn ¥100", "Post a TikTok video for a reward",
        "Show your purchase on TikTok and receive a gift", "Rewards for posting on Xiaohongshu",
        "Get a coupon when you post on Instagram", "A coupon for your post on social media",
    ),
    "paid_reviews": (
        "好评返现 5 元", "五星好评送红包", "刷单奖励",
        "Cash for good reviews", "A five-star review brings a coupon",
    ),
    "full_rebate": (
        "消费全返", "消费返利", "全额返还", "每天返 1%", "买满返本",
        "Full rebate", "Daily rebate of 1 %", "100% cashback",
    ),
    "dividends": (
        "全网分红", "利润分红", "股东分红", "静态收益", "保本保收益", "躺赚",
        "Dividends every month", "Profit sharing", "Guaranteed returns", "Passive income",
    ),
}  # fmt: skip
