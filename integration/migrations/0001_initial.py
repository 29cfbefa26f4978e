import common.base_models
import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from common.create_models import CreateModels


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('members', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateModels(
            migrations.CreateModel(
                name='ApiClient',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('public_id', common.base_models.PublicIdField(default=common.base_models.public_id, editable=False, max_length=20, unique=True, verbose_name='public id')),
                    ('name', models.CharField(max_length=80, unique=True, verbose_name='name')),
                    ('key', models.CharField(editable=False, max_length=40, unique=True, verbose_name='access key')),
                    ('secret_encrypted', models.TextField(editable=False, verbose_name='secret')),
                    ('old_secret_encrypted', models.TextField(blank=True, editable=False, verbose_name='previous secret')),
                    ('scopes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('products:write', 'write products and categories'), ('members:read', 'read members'), ('members:write', 'write members, and open sessions for them'), ('members:move_in', "write members' past when a mall moves in"), ('orders:read', 'read orders and quotes'), ('orders:write', 'write orders'), ('commissions:read', 'read commissions and distributors'), ('withdrawals:read', 'read withdrawals'), ('wallets:spend', 'spend store credit and points'), ('coupons:use', 'use coupons and give them back'), ('benefits:read', 'read coupons, gifts and multiples of points'), ('events:read', 'read events'), ('webhooks:write', 'manage webhook endpoints')], max_length=40), size=None, verbose_name='scopes')),
                    ('created_at', models.DateTimeField(editable=False, verbose_name='created at')),
                    ('rotated_at', models.DateTimeField(editable=False, null=True, verbose_name='secret changed at')),
                    ('last_used_at', models.DateTimeField(editable=False, null=True, verbose_name='last used at')),
                    ('paused_at', models.DateTimeField(editable=False, null=True, verbose_name='paused at')),
                    ('switched_off_at', models.DateTimeField(editable=False, null=True, verbose_name='switched off at')),
                    ('revoked_at', models.DateTimeField(editable=False, null=True, verbose_name='revoked on')),
                ],
                options={
                    'verbose_name': 'API client',
                    'verbose_name_plural': 'API clients',
                    'ordering': ['name'],
                    'constraints': [
                        models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='api_client_has_name'),
                        models.CheckConstraint(condition=models.Q(('scopes__contained_by', ['products:write', 'members:read', 'members:write', 'members:move_in', 'orders:read', 'orders:write', 'commissions:read', 'withdrawals:read', 'wallets:spend', 'coupons:use', 'benefits:read', 'events:read', 'webhooks:write'])), name='api_client_scopes_known'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='MemberMetadata',
                fields=[
                    ('identity', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='metadata', serialize=False, to='members.identity', verbose_name='id in the mall')),
                    ('data', models.JSONField(verbose_name='data')),
                ],
                options={
                    'verbose_name': 'metadata of a member',
                    'verbose_name_plural': 'metadata of members',
                },
            ),
            migrations.CreateModel(
                name='MallImport',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('public_id', common.base_models.PublicIdField(default=common.base_models.public_id, editable=False, max_length=20, unique=True, verbose_name='public id')),
                    ('name', models.CharField(max_length=40, verbose_name='name')),
                    ('by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='prepared by')),
                    ('by_member', models.BigIntegerField(editable=False)),
                    ('at', models.DateTimeField(verbose_name='prepared at')),
                    ('zone', models.CharField(default='Asia/Shanghai', max_length=60, verbose_name='time zone')),
                    ('until', models.DateTimeField(null=True, verbose_name='leave out everything after')),
                    ('skip_bad', models.BooleanField(default=False, verbose_name='leave out orders with errors')),
                    ('language', models.CharField(max_length=10, verbose_name='language')),
                    ('status', models.CharField(choices=[('draft', 'in preparation'), ('checking', 'being checked'), ('faulty', 'has errors'), ('ready', 'waits to be started'), ('running', 'being imported'), ('stopped', 'stopped'), ('done', 'imported'), ('discarded', 'discarded')], default='draft', max_length=9, verbose_name='status')),
                    ('checked_at', models.DateTimeField(null=True, verbose_name='checked at')),
                    ('findings_encrypted', models.TextField(blank=True, editable=False)),
                    ('differences', models.JSONField(default=dict, verbose_name='what would change')),
                    ('seal', models.CharField(blank=True, editable=False, max_length=64)),
                    ('publishes_plan', models.BooleanField(default=False, verbose_name='the rules become a plan')),
                    ('report_path', models.CharField(blank=True, editable=False, max_length=100)),
                    ('left_out_path', models.CharField(blank=True, editable=False, max_length=100)),
                    ('starter', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='started by')),
                    ('starter_member', models.BigIntegerField(editable=False, null=True)),
                    ('started_at', models.DateTimeField(null=True, verbose_name='started at')),
                    ('goods', models.JSONField(null=True, verbose_name='imported goods')),
                    ('left_out', models.JSONField(blank=True, default=list, verbose_name='orders left out')),
                    ('held_orders', models.PositiveIntegerField(default=0, verbose_name='orders held for conflicts')),
                    ('reached', models.DateTimeField(null=True, verbose_name='imported until')),
                    ('events_done', models.PositiveIntegerField(default=0, verbose_name='imported events')),
                    ('events_total', models.PositiveIntegerField(default=0, verbose_name='events')),
                    ('finished_at', models.DateTimeField(null=True, verbose_name='finished at')),
                    ('failure', models.JSONField(blank=True, default=dict, verbose_name='failure')),
                    ('files_removed_at', models.DateTimeField(null=True, verbose_name='files removed at')),
                    ('lease_until', models.DateTimeField(editable=False, null=True)),
                    ('claims', models.PositiveIntegerField(default=0, editable=False)),
                    ('attempts', models.PositiveSmallIntegerField(default=0, editable=False)),
                ],
                options={
                    'verbose_name': 'import of a mall',
                    'verbose_name_plural': 'imports of a mall',
                    'ordering': ['-id'],
                    'permissions': [('prepare_mallimport', 'Can prepare imports of a mall'), ('import_member', 'Can import members from a file'), ('start_mallimport', 'Can start imports of a mall that others prepared')],
                    'indexes': [
                        models.Index(condition=models.Q(('status__in', ['checking', 'running'])), fields=['id'], name='mallimport_for_worker'),
                        models.Index(condition=models.Q(('status__in', ['ready', 'stopped'])), fields=['checked_at'], name='mallimport_waiting'),
                    ],
                    'constraints': [
                        models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='mallimport_named'),
                        models.CheckConstraint(condition=models.Q(('status__in', ['draft', 'checking', 'faulty', 'ready', 'running', 'stopped', 'done', 'discarded'])), name='mallimport_status_valid'),
                        models.CheckConstraint(condition=models.Q(models.Q(('started_at', None), ('starter', None), ('starter_member', None)), models.Q(('started_at__isnull', False), ('starter__isnull', False), ('starter_member__isnull', False)), _connector='OR'), name='mallimport_start_complete'),
                        models.CheckConstraint(condition=models.Q(models.Q(('status__in', ['running', 'stopped', 'done']), _negated=True), ('starter__isnull', False), _connector='OR'), name='mallimport_has_starter'),
                        models.CheckConstraint(condition=models.Q(('starter', None), models.Q(models.Q(('by', models.F('starter')), _negated=True), models.Q(('by_member', 0), models.Q(('by_member', models.F('starter_member')), _negated=True), _connector='OR')), _connector='OR'), name='mallimport_four_eyes'),
                        models.CheckConstraint(condition=models.Q(models.Q(('status', 'ready'), _negated=True), models.Q(('seal', ''), _negated=True), _connector='OR'), name='mallimport_ready_has_seal'),
                        models.CheckConstraint(condition=models.Q(models.Q(('finished_at__isnull', False), ('status__in', ['done', 'discarded'])), models.Q(models.Q(('status__in', ['done', 'discarded']), _negated=True), ('finished_at', None)), _connector='OR'), name='mallimport_finished_at'),
                        models.CheckConstraint(condition=models.Q(('lease_until', None), ('status__in', ['checking', 'running']), _connector='OR'), name='mallimport_lease'),
                        models.UniqueConstraint(condition=models.Q(('status', 'running')), fields=('status',), name='mallimport_one_running'),
                        models.CheckConstraint(condition=models.Q(('events_done__lte', models.F('events_total'))), name='mallimport_progress'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='MallImportFile',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('mall_import', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='files', to='integration.mallimport', verbose_name='import of a mall')),
                    ('kind', models.CharField(choices=[('categories', 'categories'), ('products', 'products'), ('members', 'members'), ('bindings', 'bindings'), ('rules', 'commission rules'), ('orders', 'orders'), ('refunds', 'refunds')], max_length=10, verbose_name='content')),
                    ('name', models.CharField(max_length=120, verbose_name='file')),
                    ('path', models.CharField(editable=False, max_length=100)),
                    ('sha256', models.CharField(editable=False, max_length=64)),
                    ('size', models.PositiveBigIntegerField(verbose_name='bytes')),
                    ('added_at', models.DateTimeField(verbose_name='added at')),
                ],
                options={
                    'verbose_name': 'file of an import',
                    'verbose_name_plural': 'files of imports',
                    'ordering': ['kind'],
                    'constraints': [
                        models.UniqueConstraint(fields=('mall_import', 'kind'), name='mallimportfile_unique'),
                        models.CheckConstraint(condition=models.Q(('kind__in', ['categories', 'products', 'members', 'bindings', 'rules', 'orders', 'refunds'])), name='mallimportfile_kind_valid'),
                    ],
                },
            ),
        ),
    ]
