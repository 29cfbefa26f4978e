import common.base_models
import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

from common.create_models import CreateModels


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('events', '0001_initial'),
        ('integration', '0001_initial'),
    ]

    operations = [
        CreateModels(
            migrations.CreateModel(
                name='FeedPosition',
                fields=[
                    ('id', models.SmallIntegerField(default=1, editable=False, primary_key=True, serialize=False)),
                    ('settled_until', models.BigIntegerField(default=0, verbose_name='no event appears below')),
                    ('pending_until', models.BigIntegerField(default=0, verbose_name='next key')),
                    ('pending_writers', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), default=list, size=None, verbose_name='open transactions')),
                    ('queued_until', models.BigIntegerField(default=0, verbose_name='queued up to')),
                    ('courier_until', models.DateTimeField(null=True, verbose_name='sent by a process until')),
                ],
                options={
                    'verbose_name': 'position in the events',
                    'verbose_name_plural': 'positions in the events',
                    'abstract': False,
                    'constraints': [
                        models.CheckConstraint(condition=models.Q(('id', 1)), name='webhooks_feedposition_singleton'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='WebhookEndpoint',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('public_id', common.base_models.PublicIdField(default=common.base_models.public_id, editable=False, max_length=20, unique=True, verbose_name='public id')),
                    ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='webhook_endpoints', to='integration.apiclient', verbose_name='client')),
                    ('url', models.CharField(max_length=500, verbose_name='address')),
                    ('description', models.CharField(blank=True, max_length=200, verbose_name='description')),
                    ('types', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=80), blank=True, default=list, size=None, verbose_name='events')),
                    ('status', models.CharField(choices=[('active', 'active'), ('off', 'switched off'), ('removed', 'removed')], default='active', max_length=8, verbose_name='status')),
                    ('off_reason', models.CharField(blank=True, choices=[('client', 'by the client'), ('staff', 'by the staff'), ('no_success', 'no success for 3 days'), ('attempts', 'a delivery failed 20 times')], max_length=12, verbose_name='switched off')),
                    ('switched_off_at', models.DateTimeField(null=True, verbose_name='switched off at')),
                    ('created_at', models.DateTimeField(verbose_name='created at')),
                    ('failures', models.PositiveIntegerField(default=0, verbose_name='failures in a row')),
                    ('failing_since', models.DateTimeField(null=True, verbose_name='failing since')),
                    ('last_success_at', models.DateTimeField(null=True, verbose_name='last success at')),
                    ('wait_until', models.DateTimeField(null=True, verbose_name='waits until')),
                ],
                options={
                    'verbose_name': 'webhook endpoint',
                    'verbose_name_plural': 'webhook endpoints',
                    'ordering': ['-id'],
                    'constraints': [
                        models.UniqueConstraint(condition=models.Q(('status', 'removed'), _negated=True), fields=('client', 'url'), name='webhook_endpoint_url_once'),
                        models.CheckConstraint(condition=models.Q(('status__in', ['active', 'off', 'removed'])), name='webhook_endpoint_status_is_known'),
                        models.CheckConstraint(condition=models.Q(models.Q(('status', 'off'), ('switched_off_at__isnull', False), models.Q(('off_reason', ''), _negated=True)), models.Q(models.Q(('status', 'off'), _negated=True), ('off_reason', ''), ('switched_off_at', None)), _connector='OR'), name='webhook_endpoint_off_complete'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='WebhookSecret',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('endpoint', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='secrets', to='webhooks.webhookendpoint', verbose_name='endpoint')),
                    ('secret_encrypted', models.TextField(editable=False, verbose_name='secret')),
                    ('created_at', models.DateTimeField(verbose_name='created at')),
                    ('expires_at', models.DateTimeField(null=True, verbose_name='valid until')),
                ],
                options={
                    'verbose_name': 'secret of a webhook endpoint',
                    'verbose_name_plural': 'secrets of webhook endpoints',
                    'constraints': [
                        models.UniqueConstraint(condition=models.Q(('expires_at', None)), fields=('endpoint',), name='webhook_secret_one_current'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='WebhookMessage',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('public_id', models.CharField(editable=False, max_length=40, unique=True, verbose_name='id')),
                    ('event', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='events.event', verbose_name='event')),
                    ('type', models.CharField(max_length=80, verbose_name='type')),
                    ('subject', models.CharField(max_length=161, verbose_name='subject')),
                    ('occurred_at', models.DateTimeField(verbose_name='happened at')),
                    ('created_at', models.DateTimeField(verbose_name='created at')),
                    ('body', models.BinaryField(verbose_name='body')),
                ],
                options={
                    'verbose_name': 'webhook message',
                    'verbose_name_plural': 'webhook messages',
                },
            ),
            migrations.CreateModel(
                name='WebhookDelivery',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('public_id', common.base_models.PublicIdField(default=common.base_models.public_id, editable=False, max_length=20, unique=True, verbose_name='public id')),
                    ('endpoint', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='webhooks.webhookendpoint', verbose_name='endpoint')),
                    ('message', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='webhooks.webhookmessage', verbose_name='message')),
                    ('subject', models.CharField(max_length=161, verbose_name='subject')),
                    ('created_at', models.DateTimeField(verbose_name='created at')),
                    ('due_at', models.DateTimeField(verbose_name='next attempt at')),
                    ('attempts', models.PositiveIntegerField(default=0, verbose_name='attempts')),
                    ('leased_until', models.DateTimeField(null=True, verbose_name='being sent until')),
                    ('delivered_at', models.DateTimeField(null=True, verbose_name='delivered at')),
                ],
                options={
                    'verbose_name': 'webhook delivery',
                    'verbose_name_plural': 'webhook deliveries',
                    'ordering': ['-id'],
                    'indexes': [
                        models.Index(models.F('endpoint'), models.F('id'), name='webhook_delivery_endpoint_idx'),
                        models.Index(condition=models.Q(('delivered_at', None)), fields=['endpoint', 'due_at', 'id'], name='webhook_delivery_due_idx'),
                        models.Index(condition=models.Q(('delivered_at', None)), fields=['endpoint', 'subject', 'id'], name='webhook_delivery_lane_idx'),
                        models.Index(condition=models.Q(('delivered_at__isnull', False)), fields=['delivered_at'], name='webhook_delivery_done_idx'),
                    ],
                    'constraints': [
                        models.UniqueConstraint(fields=('endpoint', 'message'), name='webhook_delivery_message_once'),
                        models.CheckConstraint(condition=models.Q(('delivered_at', None), ('leased_until', None), _connector='OR'), name='webhook_delivery_delivered_is_idle'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='WebhookAttempt',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('delivery', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='log', to='webhooks.webhookdelivery', verbose_name='delivery')),
                    ('at', models.DateTimeField(verbose_name='sent at')),
                    ('status', models.PositiveSmallIntegerField(null=True, verbose_name='HTTP status')),
                    ('milliseconds', models.PositiveIntegerField(verbose_name='milliseconds')),
                    ('error', models.CharField(blank=True, max_length=40, verbose_name='error')),
                    ('answer', models.CharField(blank=True, max_length=500, verbose_name='answer')),
                ],
                options={
                    'verbose_name': 'attempt of a webhook delivery',
                    'verbose_name_plural': 'attempts of webhook deliveries',
                    'ordering': ['id'],
                },
            ),
        ),
    ]
