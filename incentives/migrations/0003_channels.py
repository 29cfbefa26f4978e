import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("incentives", "0002_guards")]

    operations = [
        migrations.AddField(
            model_name="version",
            name="channels",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=11),
                blank=True,
                default=list,
                size=None,
                verbose_name="sharing channels",
            ),
        ),
        migrations.AddConstraint(
            model_name="version",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "channels__contained_by",
                        [
                            "chat",
                            "moments",
                            "group",
                            "qq",
                            "weibo",
                            "douyin",
                            "xiaohongshu",
                            "poster",
                            "other",
                        ],
                    )
                ),
                name="incentive_channels_known",
            ),
        ),
    ]
