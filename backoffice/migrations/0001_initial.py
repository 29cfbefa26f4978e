import common.base_models
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from common import guards

GUARDS = [
    guards.immutable(
        "backoffice_export", "id", "public_id", "by_id", "at", "label", "query", "columns",
        "format", "language",
    ),
    guards.never_deleted("backoffice_export"),
    guards.transitions(
        "backoffice_export",
        statuses=["waiting", "running", "done", "failed", "removed"],
        comes_from={
            "waiting": ["running"],
            "running": ["waiting"],
            "done": ["running"],
            "failed": ["waiting", "running"],
            "removed": ["done"],
        },
        constraint="export_status_transitions",
    ),
]


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('events', '0002_guards'),
    ]

    operations = [
        migrations.CreateModel(
            name='ColumnChoice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('label', models.CharField(max_length=80, verbose_name='list')),
                ('columns', models.JSONField(default=list, verbose_name='columns')),
                ('owner', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='chosen by')),
            ],
            options={
                'verbose_name': 'choice of columns',
                'verbose_name_plural': 'choices of columns',
                'constraints': [models.UniqueConstraint(fields=('owner', 'label'), name='columnchoice_unique')],
            },
        ),
        migrations.CreateModel(
            name='Export',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', common.base_models.PublicIdField(default=common.base_models.public_id, editable=False, max_length=20, unique=True, verbose_name='public id')),
                ('at', models.DateTimeField(verbose_name='exported at')),
                ('label', models.CharField(max_length=80, verbose_name='list')),
                ('query', models.CharField(blank=True, max_length=2000, verbose_name='filters')),
                ('search_encrypted', models.TextField(blank=True, editable=False)),
                ('columns', models.JSONField(default=list, verbose_name='columns')),
                ('format', models.CharField(choices=[('xlsx', 'Excel (XLSX)'), ('csv', 'CSV')], max_length=4, verbose_name='format')),
                ('language', models.CharField(max_length=10, verbose_name='language')),
                ('status', models.CharField(choices=[('waiting', 'waiting'), ('running', 'being written'), ('done', 'ready'), ('failed', 'not written'), ('removed', 'file removed')], default='waiting', max_length=8, verbose_name='status')),
                ('rows', models.PositiveIntegerField(default=0, verbose_name='rows')),
                ('expected_rows', models.PositiveIntegerField(default=0, verbose_name='expected rows')),
                ('attempts', models.PositiveSmallIntegerField(default=0, verbose_name='attempts')),
                ('lease_until', models.DateTimeField(null=True, verbose_name='worker has it until')),
                ('finished_at', models.DateTimeField(null=True, verbose_name='finished at')),
                ('failure', models.CharField(blank=True, max_length=300, verbose_name='failure')),
                ('path', models.CharField(blank=True, max_length=100, verbose_name='file')),
                ('size', models.PositiveBigIntegerField(default=0, verbose_name='bytes')),
                ('by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='exported by')),
            ],
            options={
                'verbose_name': 'export',
                'verbose_name_plural': 'exports',
                'ordering': ['-id'],
                'permissions': [('export_list', 'Can export lists')],
                'indexes': [models.Index(fields=['by', '-id'], name='export_of_person'), models.Index(condition=models.Q(('status__in', ['waiting', 'running'])), fields=['id'], name='export_waiting'), models.Index(condition=models.Q(('path', ''), _negated=True), fields=['finished_at'], name='export_files')],
                'constraints': [models.CheckConstraint(condition=models.Q(('status__in', ['waiting', 'running', 'done', 'failed', 'removed'])), name='export_status_valid'), models.CheckConstraint(condition=models.Q(('format__in', ['xlsx', 'csv'])), name='export_format_valid'), models.CheckConstraint(condition=models.Q(models.Q(('finished_at', None), ('status__in', ['waiting', 'running'])), models.Q(('finished_at__isnull', False), ('status__in', ['done', 'failed', 'removed'])), _connector='OR'), name='export_finished_at'), models.CheckConstraint(condition=models.Q(models.Q(('lease_until__isnull', False), ('status', 'running')), models.Q(models.Q(('status', 'running'), _negated=True), ('lease_until', None)), _connector='OR'), name='export_lease'), models.CheckConstraint(condition=models.Q(('path', ''), ('status', 'done'), _connector='OR'), name='export_file_if_done')],
            },
        ),
        migrations.CreateModel(
            name='SavedView',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('label', models.CharField(max_length=80, verbose_name='list')),
                ('name', models.CharField(max_length=40, verbose_name='name')),
                ('query', models.CharField(max_length=2000, verbose_name='filters')),
                ('is_shared', models.BooleanField(default=False, verbose_name='for all colleagues')),
                ('created_at', models.DateTimeField(verbose_name='created at')),
                ('owner', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='saved by')),
            ],
            options={
                'verbose_name': 'saved view',
                'verbose_name_plural': 'saved views',
                'ordering': ['name', 'id'],
                'constraints': [models.UniqueConstraint(fields=('label', 'owner', 'name'), name='savedview_name_unique'), models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='savedview_named')],
            },
        ),
        guards.install(*GUARDS),
    ]
