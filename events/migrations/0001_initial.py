import django.contrib.postgres.indexes
import django.core.serializers.json
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

from common.create_models import CreateModels


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        CreateModels(
            migrations.CreateModel(
                name='Event',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('name', models.CharField(max_length=80, verbose_name='event')),
                    ('subject_kind', models.CharField(max_length=80, verbose_name='subject kind')),
                    ('subject_id', models.CharField(max_length=80, verbose_name='subject')),
                    ('at', models.DateTimeField(verbose_name='happened at')),
                    ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='recorded at')),
                    ('actor_kind', models.CharField(blank=True, max_length=80, verbose_name='actor kind')),
                    ('actor_id', models.CharField(blank=True, max_length=150, verbose_name='actor')),
                    ('request_id', models.CharField(blank=True, max_length=64, verbose_name='request')),
                    ('before', models.JSONField(encoder=django.core.serializers.json.DjangoJSONEncoder, null=True, verbose_name='before')),
                    ('after', models.JSONField(encoder=django.core.serializers.json.DjangoJSONEncoder, null=True, verbose_name='after')),
                    ('data', models.JSONField(default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder, verbose_name='data')),
                ],
                options={
                    'verbose_name': 'event',
                    'verbose_name_plural': 'events',
                    'indexes': [
                        models.Index(models.F('subject_kind'), models.F('subject_id'), models.F('id'), name='event_subject_idx'),
                        django.contrib.postgres.indexes.BrinIndex(autosummarize=True, fields=['at'], name='event_by_day'),
                        models.Index(condition=models.Q(('actor_kind', 'integration.apiclient')), fields=['actor_id', '-id'], name='event_of_client'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='Delivery',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('event', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='events.event', verbose_name='event')),
                    ('follower', models.CharField(max_length=120, verbose_name='follower')),
                    ('subject', models.CharField(max_length=161, verbose_name='subject')),
                    ('attempts', models.PositiveIntegerField(default=0, verbose_name='attempts')),
                    ('due_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='next attempt at')),
                    ('last_error', models.TextField(blank=True, verbose_name='last error')),
                ],
                options={
                    'verbose_name': 'delivery',
                    'verbose_name_plural': 'deliveries',
                    'indexes': [
                        models.Index(models.F('due_at'), models.F('id'), name='delivery_due'),
                        models.Index(models.F('follower'), models.F('subject'), models.F('id'), name='delivery_lane_idx'),
                    ],
                    'constraints': [
                        models.UniqueConstraint(models.F('event'), models.F('follower'), name='delivery_follower_unique'),
                    ],
                },
            ),
        ),
    ]
