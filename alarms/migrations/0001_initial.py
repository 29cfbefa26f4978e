import common.base_models
import django.contrib.postgres.fields
import django.core.serializers.json
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from common.create_models import CreateModels


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateModels(
            migrations.CreateModel(
                name='Alarm',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('public_id', common.base_models.PublicIdField(default=common.base_models.public_id, editable=False, max_length=20, unique=True, verbose_name='public id')),
                    ('kind', models.CharField(max_length=40, verbose_name='kind')),
                    ('subject_kind', models.CharField(max_length=80, verbose_name='subject kind')),
                    ('subject_id', models.CharField(max_length=161, verbose_name='subject')),
                    ('status', models.CharField(choices=[('open', 'open'), ('seen', 'seen'), ('closed', 'closed')], default='open', max_length=8, verbose_name='state')),
                    ('count', models.PositiveIntegerField(default=1, verbose_name='times seen')),
                    ('first_seen', models.DateTimeField(verbose_name='first seen at')),
                    ('last_seen', models.DateTimeField(verbose_name='last seen at')),
                    ('detail', models.JSONField(default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder, verbose_name='detail')),
                    ('seen_by', models.CharField(blank=True, max_length=150, verbose_name='seen by')),
                    ('seen_at', models.DateTimeField(null=True, verbose_name='marked as seen at')),
                    ('closed_by', models.CharField(blank=True, max_length=150, verbose_name='closed by')),
                    ('closed_at', models.DateTimeField(null=True, verbose_name='closed at')),
                    ('close_reason', models.CharField(blank=True, max_length=200, verbose_name='close reason')),
                    ('notified_at', models.DateTimeField(verbose_name='last notified at')),
                ],
                options={
                    'verbose_name': 'alarm',
                    'verbose_name_plural': 'alarms',
                    'ordering': ['-id'],
                    'constraints': [
                        models.UniqueConstraint(condition=models.Q(('status', 'closed'), _negated=True), fields=('kind', 'subject_kind', 'subject_id'), name='alarm_unclosed_unique'),
                        models.CheckConstraint(condition=models.Q(('status__in', ['open', 'seen', 'closed'])), name='alarm_status_valid'),
                        models.CheckConstraint(condition=models.Q(('count__gte', 1), ('last_seen__gte', models.F('first_seen'))), name='alarm_count_valid'),
                        models.CheckConstraint(condition=models.Q(models.Q(('status', 'seen'), _negated=True), models.Q(('seen_at__isnull', False), models.Q(('seen_by', ''), _negated=True)), _connector='OR'), name='alarm_seen_by_somebody'),
                        models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', False), ('status', 'closed'), models.Q(('close_reason', ''), _negated=True)), models.Q(models.Q(('status', 'closed'), _negated=True), ('close_reason', ''), ('closed_at', None), ('closed_by', '')), _connector='OR'), name='alarm_closed_has_reason'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='Job',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('name', models.CharField(max_length=120, unique=True, verbose_name='job')),
                    ('since', models.DateTimeField(verbose_name='known since')),
                    ('started_at', models.DateTimeField(null=True, verbose_name='last started at')),
                    ('finished_at', models.DateTimeField(null=True, verbose_name='last finished at')),
                    ('failed_at', models.DateTimeField(null=True, verbose_name='last failed at')),
                    ('error', models.CharField(blank=True, max_length=200, verbose_name='last error')),
                ],
                options={
                    'verbose_name': 'periodic job',
                    'verbose_name_plural': 'periodic jobs',
                    'ordering': ['name'],
                },
            ),
            migrations.CreateModel(
                name='Digest',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='staff user')),
                    ('channel', models.CharField(choices=[('mail', 'mail'), ('robot', 'group robot')], max_length=8, verbose_name='by')),
                    ('robot_url_encrypted', models.TextField(blank=True, verbose_name='address of the robot')),
                    ('hours', django.contrib.postgres.fields.ArrayField(base_field=models.PositiveSmallIntegerField(), size=None, verbose_name='at the hours')),
                    ('weekdays_only', models.BooleanField(default=True, verbose_name='only from Monday to Friday')),
                    ('only_late', models.BooleanField(default=False, verbose_name='only if something waits too long')),
                    ('sent_at', models.DateTimeField(verbose_name='last sent at')),
                    ('error', models.CharField(blank=True, max_length=200, verbose_name='last error')),
                ],
                options={
                    'verbose_name': 'digest of what waits',
                    'verbose_name_plural': 'digests of what waits',
                    'constraints': [
                        models.CheckConstraint(condition=models.Q(models.Q(('channel', 'mail'), ('robot_url_encrypted', '')), models.Q(('channel', 'robot'), models.Q(('robot_url_encrypted', ''), _negated=True)), _connector='OR'), name='digest_robot_has_url'),
                        models.CheckConstraint(condition=models.Q(('hours__contained_by', [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23]), ('hours__len__gte', 1)), name='digest_hours_valid'),
                    ],
                },
            ),
        ),
    ]
