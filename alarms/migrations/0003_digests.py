"""What waits for a person, sent at hours that they chose."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("alarms", "0002_guards"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Digest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("channel", models.CharField(choices=[("mail", "mail"), ("robot", "group robot")], max_length=8, verbose_name="by")),
                ("robot_url_encrypted", models.TextField(blank=True, verbose_name="address of the robot")),
                ("hours", django.contrib.postgres.fields.ArrayField(base_field=models.PositiveSmallIntegerField(), size=None, verbose_name="at the hours")),
                ("weekdays_only", models.BooleanField(default=True, verbose_name="only from Monday to Friday")),
                ("only_late", models.BooleanField(default=False, verbose_name="only if something waits too long")),
                ("sent_at", models.DateTimeField(verbose_name="last sent at")),
                ("error", models.CharField(blank=True, max_length=200, verbose_name="last error")),
                ("user", models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL, verbose_name="staff user")),
            ],
            options={
                "verbose_name": "digest of what waits",
                "verbose_name_plural": "digests of what waits",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("channel", "mail"), ("robot_url_encrypted", "")),
                            models.Q(("channel", "robot"), models.Q(("robot_url_encrypted", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="digest_robot_has_url",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("hours__contained_by", list(range(24))), ("hours__len__gte", 1)),
                        name="digest_hours_valid",
                    ),
                ],
            },
        ),
    ]
