import common.base_models
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from common import guards

GUARDS = [
    guards.immutable(
        "backoffice_import", "id", "public_id", "kind", "by_id", "at", "file_name", "sha256",
        "columns", "ignored", "rows",
    ),
    guards.never_deleted("backoffice_import"),
    guards.immutable("backoffice_importrow", "id", "of_id", "line"),
    guards.transitions(
        "backoffice_import",
        statuses=[
            "waiting", "checking", "checked", "confirmed", "applying", "stopped", "done",
            "failed", "discarded",
        ],
        comes_from={
            "waiting": ["checking"],
            "checking": ["waiting"],
            "checked": ["checking", "applying"],
            "confirmed": ["checked", "applying", "stopped"],
            "applying": ["confirmed"],
            "stopped": ["applying"],
            "done": ["applying"],
            "failed": ["checking", "applying"],
            "discarded": ["waiting", "checked", "stopped"],
        },
        constraint="import_status_transitions",
    ),
]

class Migration(migrations.Migration):

    dependencies = [
        ('backoffice', '0002_notes_and_assignments'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Import',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', common.base_models.PublicIdField(default=common.base_models.public_id, editable=False, max_length=20, unique=True, verbose_name='public id')),
                ('kind', models.CharField(max_length=40, verbose_name='what is imported')),
                ('at', models.DateTimeField(verbose_name='uploaded at')),
                ('file_name', models.CharField(max_length=120, verbose_name='file')),
                ('sha256', models.CharField(max_length=64, verbose_name='SHA-256 of the file')),
                ('columns', models.JSONField(default=list, verbose_name='columns')),
                ('ignored', models.JSONField(default=list, verbose_name='columns that were not read')),
                ('rows', models.PositiveIntegerField(verbose_name='rows')),
                ('status', models.CharField(choices=[('waiting', 'to be checked'), ('checking', 'rows are being checked'), ('checked', 'checked, not applied'), ('confirmed', 'to be applied'), ('applying', 'rows are being applied'), ('stopped', 'stopped'), ('done', 'applied'), ('failed', 'failed'), ('discarded', 'discarded')], default='waiting', max_length=9, verbose_name='status')),
                ('checked', models.PositiveIntegerField(default=0, verbose_name='checked rows')),
                ('checked_at', models.DateTimeField(null=True, verbose_name='checked at')),
                ('new', models.PositiveIntegerField(default=0, verbose_name='new')),
                ('changed', models.PositiveIntegerField(default=0, verbose_name='changed')),
                ('unchanged', models.PositiveIntegerField(default=0, verbose_name='unchanged')),
                ('wrong', models.PositiveIntegerField(default=0, verbose_name='wrong')),
                ('confirmed_at', models.DateTimeField(null=True, verbose_name='confirmed at')),
                ('skips_wrong', models.BooleanField(default=False, verbose_name='without the wrong rows')),
                ('applied_to', models.PositiveIntegerField(default=0, verbose_name='applied up to line')),
                ('applied', models.PositiveIntegerField(default=0, verbose_name='applied rows')),
                ('finished_at', models.DateTimeField(null=True, verbose_name='finished at')),
                ('attempts', models.PositiveSmallIntegerField(default=0, verbose_name='attempts')),
                ('lease_until', models.DateTimeField(null=True, verbose_name='worker has it until')),
                ('notice', models.JSONField(blank=True, default=dict, verbose_name='what has happened')),
                ('are_rows_erased', models.BooleanField(default=False, verbose_name='rows are erased')),
                ('by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='uploaded by')),
                ('confirmed_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='confirmed by')),
            ],
            options={
                'verbose_name': 'import',
                'verbose_name_plural': 'imports',
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='ImportRow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('line', models.PositiveIntegerField(verbose_name='line')),
                ('outcome', models.CharField(choices=[('unknown', 'not checked'), ('new', 'new'), ('changed', 'changed'), ('unchanged', 'unchanged'), ('wrong', 'wrong')], default='unknown', max_length=9, verbose_name='result')),
                ('content_encrypted', models.TextField(editable=False)),
                ('of', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='file_rows', to='backoffice.import', verbose_name='import')),
            ],
            options={
                'verbose_name': 'row of an import',
                'verbose_name_plural': 'rows of imports',
                'ordering': ['line'],
            },
        ),
        migrations.AddIndex(
            model_name='import',
            index=models.Index(fields=['kind', '-id'], name='import_of_kind'),
        ),
        migrations.AddIndex(
            model_name='import',
            index=models.Index(condition=models.Q(('status__in', ['waiting', 'checking', 'confirmed', 'applying'])), fields=['id'], name='import_at_work'),
        ),
        migrations.AddIndex(
            model_name='import',
            index=models.Index(condition=models.Q(('are_rows_erased', False)), fields=['at'], name='import_with_rows'),
        ),
        migrations.AddConstraint(
            model_name='import',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['waiting', 'checking', 'checked', 'confirmed', 'applying', 'stopped', 'done', 'failed', 'discarded'])), name='import_status_valid'),
        ),
        migrations.AddConstraint(
            model_name='import',
            constraint=models.UniqueConstraint(condition=models.Q(('status__in', ['confirmed', 'applying', 'done'])), fields=('kind', 'sha256'), name='import_file_once'),
        ),
        migrations.AddConstraint(
            model_name='import',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status__in', ['stopped', 'done', 'failed', 'discarded']), ('finished_at__isnull', False)), models.Q(models.Q(('status__in', ['stopped', 'done', 'failed', 'discarded']), _negated=True), ('finished_at', None)), _connector='OR'), name='import_finished_at'),
        ),
        migrations.AddConstraint(
            model_name='import',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('lease_until__isnull', False), ('status__in', ['checking', 'applying'])), models.Q(models.Q(('status__in', ['checking', 'applying']), _negated=True), ('lease_until', None)), _connector='OR'), name='import_lease'),
        ),
        migrations.AddConstraint(
            model_name='import',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status__in', ['confirmed', 'applying', 'done']), _negated=True), models.Q(('checked_at__isnull', False), ('confirmed_at__isnull', False), ('confirmed_by__isnull', False)), _connector='OR'), name='import_confirmed_by'),
        ),
        migrations.AddConstraint(
            model_name='import',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status__in', ['confirmed', 'applying', 'done']), _negated=True), ('wrong', 0), ('skips_wrong', True), _connector='OR'), name='import_wrong_rows_left_out'),
        ),
        migrations.AddConstraint(
            model_name='import',
            constraint=models.CheckConstraint(condition=models.Q(('rows__gt', 0)), name='import_has_rows'),
        ),
        migrations.AddIndex(
            model_name='importrow',
            index=models.Index(fields=['of', 'outcome', 'line'], name='importrow_by_outcome'),
        ),
        migrations.AddConstraint(
            model_name='importrow',
            constraint=models.UniqueConstraint(fields=('of', 'line'), name='importrow_line_once'),
        ),
        migrations.AddConstraint(
            model_name='importrow',
            constraint=models.CheckConstraint(condition=models.Q(('outcome__in', ['unknown', 'new', 'changed', 'unchanged', 'wrong'])), name='importrow_outcome_valid'),
        ),
        guards.install(*GUARDS),
    ]
