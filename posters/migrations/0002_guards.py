"""Guard templates and posters, and insert the look of posters and suggested recommendations.

* A saved version never changes; a template offers only a published version of its own.
* What decides about the pixels of a poster never changes, so that its file and its key stay true.
"""

from django.db import migrations

from common import guards
from common.base_models import insert_singleton

GUARDS = [
    guards.read(__file__, "templates"),
    guards.immutable("posters_postertemplate", "id", "public_id", "code", "kind"),
    guards.never_deleted("posters_postertemplate"),
    guards.immutable(
        "posters_postertemplateversion", "id", "template_id", "number", "document", "sha256",
        "created_by_id", "created_at",
    ),
    guards.set_once(
        "posters_postertemplateversion", "published_at", name="published_once",
        constraint="poster_version_published_once",
        message="the first publication of a version does not change",
    ),
    guards.never_deleted("posters_postertemplateversion"),
    guards.immutable(
        "posters_poster", "id", "public_id", "member_id", "share_id", "template_version_id",
        "size", "line", "inputs", "key", "is_final",
    ),
    guards.transitions(
        "posters_poster",
        statuses=["waiting", "ready", "failed", "removed"],
        comes_from={
            "waiting": ["failed"],
            "ready": ["waiting"],
            "failed": ["waiting"],
            "removed": ["waiting", "ready", "failed"],
        },
        constraint="poster_status_transitions",
    ),
    guards.row_guard(
        "posters_poster", name="removed_before_deleted", on="DELETE",
        when="OLD.status <> 'removed'", constraint="poster_removed_before_deleted",
        message="a poster is removed before its row is deleted, or its file would be left",
    ),
]

SUGGESTED = {
    "": [
        "自己用过才敢推荐给你", "好东西，忍不住想分享", "性价比真的高，推荐试试",
        "家里常备，已经回购好几次", "喜欢的朋友可以看看",
    ],
    "beauty": ["用了一段时间，皮肤状态稳定多了", "温和好用，敏感的时候也在用"],
    "food": ["味道很正，家里人都爱吃", "新鲜到货，打开就是这个味儿"],
    "baby": ["给宝宝用的，细节让人放心", "妈妈们可以看看，做工很细"],
    "fashion": ["上身好看，面料也舒服", "百搭不挑人，这季常穿"],
    "digital": ["用着顺手，细节做得到位", "上手简单，日常够用"],
    "education": ["老师讲得清楚，孩子愿意学", "内容扎实，学了就能用上"],
    "home": ["放在家里很好看，也实用", "收纳省心，质感不错"],
    "health": ["每天一份，方便省事", "配料干净，吃着放心"],
    "festival": ["送礼体面，自己留着也好", "过节就差这一份心意"],
}  # fmt: skip


def insert_suggestions(apps, schema_editor):
    RecommendationLine = apps.get_model("posters", "RecommendationLine")
    RecommendationLine.objects.bulk_create(
        RecommendationLine(source="suggested", text=text, industry=industry)
        for industry, texts in SUGGESTED.items()
        for text in texts
    )


class Migration(migrations.Migration):
    dependencies = [("posters", "0001_initial"), ("events", "0002_guards")]

    operations = [
        guards.install(*GUARDS),
        migrations.RunPython(insert_singleton("posters", "ShopLook"), migrations.RunPython.noop),
        migrations.RunPython(insert_suggestions, migrations.RunPython.noop),
    ]
