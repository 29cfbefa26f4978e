"""Insert the words that a shop begins with; operations add and remove some.

Absolute claims: 广告法 article 9. Medical claims: articles 16 to 18. Promises of earnings and of
passing: articles 24 and 25. Cosmetics: 化妆品监督管理条例 article 37. Recruiting: 禁止传销条例 article 7.
"""

from django.db import migrations

ABSOLUTE = (
    "国家级 世界级 宇宙级 国家免检 最高级 最佳 最好 最优 最强 最先进 最便宜 最低价 最低折扣 最高端 最新科技 最受欢迎"
    " 最安全 最有效 全网最低 全网第一 全国第一 全球第一 世界第一 第一品牌 销量第一 排名第一 行业第一 遥遥领先 顶级 顶尖"
    " 极品 极致 独一无二 绝无仅有 史无前例 前无古人 空前绝后 无与伦比 万能 绝对 永久 100%有效 百分之百有效 零风险"
    " 国家领导人 特供 专供 驰名商标 老字号首选 秒杀全网 史上最 全民疯抢 再不抢就没了"
)
MEDICAL = (
    "治疗 治愈 根治 痊愈 疗效 药效 药到病除 包治百病 祖传秘方 抗癌 防癌 抗肿瘤 降血压 降血糖 降血脂 消炎 杀菌消炎"
    " 无副作用 无毒副作用 替代药物 预防疾病 增强免疫力 提高免疫力 改善睡眠障碍 壮阳 补肾 排毒养颜 清宿便 祛湿 活血化瘀"
    " 减肥神药 月瘦十斤 不反弹 无效退款 医生推荐 专家推荐"
)
FINANCIAL = "保本 保收益 稳赚 稳赚不赔 无风险 保证收益 高回报 躺赚 日入过万 月入十万 一夜暴富 财务自由 被动收入"
RECRUITING = "拉人头 发展下线 无限裂变 入门费 加盟费返还 静态收益 动态收益 消费返利 推三返一 层层返佣 三级分销"
EDUCATION = "保过 包过 不过退款 押题 命题专家 状元秘笈 百分之百提分 保证录取 内部名额"
COSMETIC = "药妆 医学护肤 干细胞 械字号面膜 妆食同源 换肤 祛疤 七天美白 一周祛斑 根除痘痘 生发 丰胸 瘦脸"

WORDS = [
    *((word, "", "absolute") for word in ABSOLUTE.split()),
    *((word, "", "medical") for word in MEDICAL.split()),
    *((word, "", "financial") for word in FINANCIAL.split()),
    *((word, "", "recruiting") for word in RECRUITING.split()),
    *((word, "education", "education") for word in EDUCATION.split()),
    *((word, "beauty", "cosmetic") for word in COSMETIC.split()),
]


def insert(apps, schema_editor):
    ForbiddenWord = apps.get_model("sharing", "ForbiddenWord")
    ForbiddenWord.objects.bulk_create(
        [ForbiddenWord(word=text, industry=industry, reason=reason) for text, industry, reason in WORDS],
        ignore_conflicts=True,
    )


class Migration(migrations.Migration):
    dependencies = [("sharing", "0002_guards")]

    operations = [migrations.RunPython(insert, migrations.RunPython.noop)]
