import common.base_models
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
                name='SavedView',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('owner', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='saved by')),
                    ('label', models.CharField(max_length=80, verbose_name='list')),
                    ('name', models.CharField(max_length=40, verbose_name='name')),
                    ('query', models.CharField(max_length=2000, verbose_name='filters')),
                    ('is_shared', models.BooleanField(default=False, verbose_name='for all colleagues')),
                    ('created_at', models.DateTimeField(verbose_name='created at')),
                ],
                options={
                    'verbose_name': 'saved view',
                    'verbose_name_plural': 'saved views',
                    'ordering': ['name', 'id'],
                    'constraints': [
                        models.UniqueConstraint(fields=('label', 'owner', 'name'), name='savedview_name_unique'),
                        models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='savedview_named'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='ColumnChoice',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('owner', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='chosen by')),
                    ('label', models.CharField(max_length=80, verbose_name='list')),
                    ('columns', models.JSONField(default=list, verbose_name='columns')),
                ],
                options={
                    'verbose_name': 'choice of columns',
                    'verbose_name_plural': 'choices of columns',
                    'constraints': [
                        models.UniqueConstraint(fields=('owner', 'label'), name='columnchoice_unique'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='Export',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('public_id', common.base_models.PublicIdField(default=common.base_models.public_id, editable=False, max_length=20, unique=True, verbose_name='public id')),
                    ('by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='exported by')),
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
                ],
                options={
                    'verbose_name': 'export',
                    'verbose_name_plural': 'exports',
                    'ordering': ['-id'],
                    'permissions': [('export_list', 'Can export lists')],
                    'indexes': [
                        models.Index(fields=['by', '-id'], name='export_of_person'),
                        models.Index(condition=models.Q(('status__in', ['waiting', 'running'])), fields=['id'], name='export_waiting'),
                        models.Index(condition=models.Q(('path', ''), _negated=True), fields=['finished_at'], name='export_files'),
                    ],
                    'constraints': [
                        models.CheckConstraint(condition=models.Q(('status__in', ['waiting', 'running', 'done', 'failed', 'removed'])), name='export_status_valid'),
                        models.CheckConstraint(condition=models.Q(('format__in', ['xlsx', 'csv'])), name='export_format_valid'),
                        models.CheckConstraint(condition=models.Q(models.Q(('finished_at', None), ('status__in', ['waiting', 'running'])), models.Q(('finished_at__isnull', False), ('status__in', ['done', 'failed', 'removed'])), _connector='OR'), name='export_finished_at'),
                        models.CheckConstraint(condition=models.Q(models.Q(('lease_until__isnull', False), ('status', 'running')), models.Q(models.Q(('status', 'running'), _negated=True), ('lease_until', None)), _connector='OR'), name='export_lease'),
                        models.CheckConstraint(condition=models.Q(('path', ''), ('status', 'done'), _connector='OR'), name='export_file_if_done'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='Import',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('public_id', common.base_models.PublicIdField(default=common.base_models.public_id, editable=False, max_length=20, unique=True, verbose_name='public id')),
                    ('kind', models.CharField(max_length=40, verbose_name='what is imported')),
                    ('by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='uploaded by')),
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
                    ('confirmed_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='confirmed by')),
                    ('confirmed_at', models.DateTimeField(null=True, verbose_name='confirmed at')),
                    ('skips_wrong', models.BooleanField(default=False, verbose_name='without the wrong rows')),
                    ('applied_to', models.PositiveIntegerField(default=0, verbose_name='applied up to line')),
                    ('applied', models.PositiveIntegerField(default=0, verbose_name='applied rows')),
                    ('finished_at', models.DateTimeField(null=True, verbose_name='finished at')),
                    ('attempts', models.PositiveSmallIntegerField(default=0, verbose_name='attempts')),
                    ('lease_until', models.DateTimeField(null=True, verbose_name='worker has it until')),
                    ('notice', models.JSONField(blank=True, default=dict, verbose_name='what has happened')),
                    ('are_rows_erased', models.BooleanField(default=False, verbose_name='rows are erased')),
                ],
                options={
                    'verbose_name': 'import',
                    'verbose_name_plural': 'imports',
                    'ordering': ['-id'],
                    'indexes': [
                        models.Index(fields=['kind', '-id'], name='import_of_kind'),
                        models.Index(condition=models.Q(('status__in', ['waiting', 'checking', 'confirmed', 'applying'])), fields=['id'], name='import_at_work'),
                        models.Index(condition=models.Q(('are_rows_erased', False)), fields=['at'], name='import_with_rows'),
                    ],
                    'constraints': [
                        models.CheckConstraint(condition=models.Q(('status__in', ['waiting', 'checking', 'checked', 'confirmed', 'applying', 'stopped', 'done', 'failed', 'discarded'])), name='import_status_valid'),
                        models.UniqueConstraint(condition=models.Q(('status__in', ['confirmed', 'applying', 'done'])), fields=('kind', 'sha256'), name='import_file_once'),
                        models.CheckConstraint(condition=models.Q(models.Q(('status__in', ['stopped', 'done', 'failed', 'discarded']), ('finished_at__isnull', False)), models.Q(models.Q(('status__in', ['stopped', 'done', 'failed', 'discarded']), _negated=True), ('finished_at', None)), _connector='OR'), name='import_finished_at'),
                        models.CheckConstraint(condition=models.Q(models.Q(('lease_until__isnull', False), ('status__in', ['checking', 'applying'])), models.Q(models.Q(('status__in', ['checking', 'applying']), _negated=True), ('lease_until', None)), _connector='OR'), name='import_lease'),
                        models.CheckConstraint(condition=models.Q(models.Q(('status__in', ['confirmed', 'applying', 'done']), _negated=True), models.Q(('checked_at__isnull', False), ('confirmed_at__isnull', False), ('confirmed_by__isnull', False)), _connector='OR'), name='import_confirmed_by'),
                        models.CheckConstraint(condition=models.Q(models.Q(('status__in', ['confirmed', 'applying', 'done']), _negated=True), ('wrong', 0), ('skips_wrong', True), _connector='OR'), name='import_wrong_rows_left_out'),
                        models.CheckConstraint(condition=models.Q(('rows__gt', 0)), name='import_has_rows'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='ImportRow',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('of', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='file_rows', to='backoffice.import', verbose_name='import')),
                    ('line', models.PositiveIntegerField(verbose_name='line')),
                    ('outcome', models.CharField(choices=[('unknown', 'not checked'), ('new', 'new'), ('changed', 'changed'), ('unchanged', 'unchanged'), ('wrong', 'wrong')], default='unknown', max_length=9, verbose_name='result')),
                    ('content_encrypted', models.TextField(editable=False)),
                ],
                options={
                    'verbose_name': 'row of an import',
                    'verbose_name_plural': 'rows of imports',
                    'ordering': ['line'],
                    'indexes': [
                        models.Index(fields=['of', 'outcome', 'line'], name='importrow_by_outcome'),
                    ],
                    'constraints': [
                        models.UniqueConstraint(fields=('of', 'line'), name='importrow_line_once'),
                        models.CheckConstraint(condition=models.Q(('outcome__in', ['unknown', 'new', 'changed', 'unchanged', 'wrong'])), name='importrow_outcome_valid'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='Note',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('label', models.CharField(max_length=80, verbose_name='kind of row')),
                    ('object_id', models.CharField(max_length=40, verbose_name='row')),
                    ('by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='written by')),
                    ('at', models.DateTimeField(verbose_name='at')),
                    ('text', models.CharField(max_length=1000, verbose_name='note')),
                ],
                options={
                    'verbose_name': 'note',
                    'verbose_name_plural': 'notes',
                    'ordering': ['-id'],
                    'abstract': False,
                    'indexes': [
                        models.Index(fields=['label', 'object_id', '-id'], name='note_of_row'),
                    ],
                    'constraints': [
                        models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='office_note_has_text'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='Assignment',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('label', models.CharField(max_length=80, verbose_name='kind of row')),
                    ('object_id', models.CharField(max_length=40, verbose_name='row')),
                    ('by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='written by')),
                    ('at', models.DateTimeField(verbose_name='at')),
                    ('to', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='assignee')),
                ],
                options={
                    'verbose_name': 'assignment',
                    'verbose_name_plural': 'assignments',
                    'ordering': ['-id'],
                    'abstract': False,
                    'indexes': [
                        models.Index(fields=['label', 'object_id', '-id'], name='assignment_of_row'),
                    ],
                },
            ),
        ),
    ]
