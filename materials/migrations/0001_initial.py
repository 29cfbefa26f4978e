import common.base_models
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from common.create_models import CreateModels


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('catalog', '0001_initial'),
        ('distribution', '0001_initial'),
        ('members', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateModels(
            migrations.CreateModel(
                name='Campaign',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('public_id', common.base_models.PublicIdField(default=common.base_models.public_id, editable=False, max_length=20, unique=True, verbose_name='public id')),
                    ('name', models.CharField(max_length=60, unique=True, verbose_name='name')),
                    ('description', models.CharField(blank=True, max_length=200, verbose_name='description')),
                    ('starts_at', models.DateTimeField(blank=True, help_text='Empty: at once.', null=True, verbose_name='starts at')),
                    ('ends_at', models.DateTimeField(blank=True, help_text='Empty: without an end.', null=True, verbose_name='ends at')),
                ],
                options={
                    'verbose_name': 'campaign',
                    'verbose_name_plural': 'campaigns',
                    'ordering': ['-id'],
                    'constraints': [
                        models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='campaign_has_a_name'),
                        models.CheckConstraint(condition=models.Q(('starts_at', None), ('ends_at', None), ('ends_at__gt', models.F('starts_at')), _connector='OR'), name='campaign_ends_after_start', violation_error_message='The end must be later than the start.'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='Material',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('public_id', common.base_models.PublicIdField(default=common.base_models.public_id, editable=False, max_length=20, unique=True, verbose_name='public id')),
                    ('status', models.CharField(choices=[('draft', 'draft'), ('published', 'published'), ('withdrawn', 'withdrawn')], default='draft', editable=False, max_length=9, verbose_name='status')),
                    ('version', models.PositiveIntegerField(default=0, editable=False, verbose_name='version')),
                    ('audience', models.CharField(choices=[('members', 'all members'), ('distributors', 'distributors'), ('advanced', 'distributors whose level has advanced materials')], default='distributors', max_length=12, verbose_name='audience')),
                    ('lowest_level', models.ForeignKey(blank=True, help_text='Empty: with any level or none.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='distribution.level', verbose_name='from this level up')),
                    ('created_at', models.DateTimeField(editable=False, verbose_name='created at')),
                    ('published_at', models.DateTimeField(editable=False, null=True, verbose_name='published at')),
                    ('published_by', models.ForeignKey(db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='published by')),
                    ('withdrawn_at', models.DateTimeField(editable=False, null=True, verbose_name='withdrawn at')),
                    ('withdrawn_by', models.ForeignKey(db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='withdrawn by')),
                    ('withdrawal_reason', models.CharField(blank=True, editable=False, max_length=200, verbose_name='reason of the withdrawal')),
                    ('kind', models.CharField(choices=[('image', 'pictures'), ('video', 'video'), ('copy', 'text')], max_length=5, verbose_name='kind')),
                    ('title', models.CharField(max_length=60, verbose_name='title')),
                    ('text', models.TextField(blank=True, help_text='What distributors paste beside the pictures. Forbidden words are refused.', max_length=2000, verbose_name='text to copy')),
                    ('product', models.ForeignKey(blank=True, help_text='Members see it while the product is on sale.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.product', verbose_name='product')),
                    ('campaign', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='materials', to='materials.campaign', verbose_name='campaign')),
                ],
                options={
                    'verbose_name': 'material',
                    'verbose_name_plural': 'materials',
                    'ordering': ['-id'],
                    'indexes': [
                        models.Index(condition=models.Q(('status', 'published')), fields=['-published_at', '-id'], name='material_published'),
                    ],
                    'constraints': [
                        models.CheckConstraint(condition=models.Q(('status__in', ['draft', 'published', 'withdrawn'])), name='material_status_is_known'),
                        models.CheckConstraint(condition=models.Q(models.Q(('published_at', None), ('published_by', None), ('status', 'draft'), ('version', 0)), models.Q(('published_at__isnull', False), ('published_by__isnull', False), ('status__in', ['published', 'withdrawn']), ('version__gt', 0)), _connector='OR'), name='material_published_complete'),
                        models.CheckConstraint(condition=models.Q(models.Q(('status__in', ['draft', 'published']), ('withdrawal_reason', ''), ('withdrawn_at', None), ('withdrawn_by', None)), models.Q(('status', 'withdrawn'), ('withdrawn_at__isnull', False), ('withdrawn_by__isnull', False), models.Q(('withdrawal_reason', ''), _negated=True)), _connector='OR'), name='material_withdrawn_complete'),
                        models.CheckConstraint(condition=models.Q(('audience__in', ['members', 'distributors', 'advanced'])), name='material_audience_is_known'),
                        models.CheckConstraint(condition=models.Q(models.Q(('audience', 'members'), _negated=True), ('lowest_level', None), _connector='OR'), name='material_level_of_distributors', violation_error_message='Only distributors have a level: choose them as audience.'),
                        models.CheckConstraint(condition=models.Q(('kind__in', ['image', 'video', 'copy'])), name='material_kind_is_known'),
                        models.CheckConstraint(condition=models.Q(('title', ''), _negated=True), name='material_has_a_title'),
                        models.CheckConstraint(condition=models.Q(models.Q(('kind', 'copy'), _negated=True), models.Q(('text', ''), _negated=True), _connector='OR'), name='material_copy_has_a_text', violation_error_message='A text to copy is missing.'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='MaterialFile',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('public_id', common.base_models.PublicIdField(default=common.base_models.public_id, editable=False, max_length=20, unique=True, verbose_name='public id')),
                    ('material', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='files', to='materials.material', verbose_name='material')),
                    ('kind', models.CharField(choices=[('picture', 'picture'), ('video', 'video')], editable=False, max_length=7, verbose_name='kind')),
                    ('status', models.CharField(choices=[('writing', 'being written'), ('stored', 'stored'), ('removed', 'to be erased')], default='writing', editable=False, max_length=7, verbose_name='status')),
                    ('position', models.PositiveSmallIntegerField(default=0, verbose_name='position')),
                    ('path', models.CharField(editable=False, max_length=100, unique=True, verbose_name='path')),
                    ('sha256', models.CharField(editable=False, max_length=64, verbose_name='SHA-256 of what was sent')),
                    ('size', models.PositiveIntegerField(editable=False, verbose_name='bytes stored')),
                    ('width', models.PositiveIntegerField(default=0, editable=False, verbose_name='width')),
                    ('height', models.PositiveIntegerField(default=0, editable=False, verbose_name='height')),
                    ('created_at', models.DateTimeField(editable=False, verbose_name='uploaded at')),
                ],
                options={
                    'verbose_name': 'file',
                    'verbose_name_plural': 'files',
                    'ordering': ['position', 'id'],
                    'indexes': [
                        models.Index(condition=models.Q(('status', 'stored'), _negated=True), fields=['created_at'], name='material_file_work'),
                    ],
                    'constraints': [
                        models.CheckConstraint(condition=models.Q(('kind__in', ['picture', 'video'])), name='material_file_kind_is_known'),
                        models.CheckConstraint(condition=models.Q(('status__in', ['writing', 'stored', 'removed'])), name='material_file_status_is_known'),
                        models.CheckConstraint(condition=models.Q(('size__gt', 0), models.Q(models.Q(('height__gt', 0), ('kind', 'picture'), ('width__gt', 0)), models.Q(('height', 0), ('kind', 'video'), ('width', 0)), _connector='OR')), name='material_file_measured'),
                        models.UniqueConstraint(condition=models.Q(('status', 'stored')), fields=('material', 'sha256'), name='material_file_once'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='MaterialUse',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('material', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='materials.material', verbose_name='material')),
                    ('member', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.member', verbose_name='member')),
                    ('action', models.CharField(choices=[('copy', 'copied'), ('download', 'downloaded')], max_length=8, verbose_name='action')),
                    ('day', models.DateField(verbose_name='day')),
                    ('is_counted', models.BooleanField(default=False)),
                ],
                options={
                    'verbose_name': 'use of a material',
                    'verbose_name_plural': 'uses of materials',
                    'indexes': [
                        models.Index(condition=models.Q(('is_counted', False)), fields=['id'], name='material_use_new'),
                        models.Index(fields=['day'], name='material_use_age'),
                    ],
                    'constraints': [
                        models.UniqueConstraint(fields=('material', 'member', 'action', 'day'), name='material_use_once_a_day'),
                        models.CheckConstraint(condition=models.Q(('action__in', ['copy', 'download'])), name='material_use_action_is_known'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='MaterialDay',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('material', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='days', to='materials.material', verbose_name='material')),
                    ('day', models.DateField(verbose_name='day')),
                    ('copies', models.PositiveIntegerField(default=0, verbose_name='copies')),
                    ('downloads', models.PositiveIntegerField(default=0, verbose_name='downloads')),
                ],
                options={
                    'verbose_name': 'day of a material',
                    'verbose_name_plural': 'days of materials',
                    'ordering': ['-day'],
                    'constraints': [
                        models.UniqueConstraint(fields=('material', 'day'), name='material_day_unique'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='Course',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('public_id', common.base_models.PublicIdField(default=common.base_models.public_id, editable=False, max_length=20, unique=True, verbose_name='public id')),
                    ('status', models.CharField(choices=[('draft', 'draft'), ('published', 'published'), ('withdrawn', 'withdrawn')], default='draft', editable=False, max_length=9, verbose_name='status')),
                    ('version', models.PositiveIntegerField(default=0, editable=False, verbose_name='version')),
                    ('audience', models.CharField(choices=[('members', 'all members'), ('distributors', 'distributors'), ('advanced', 'distributors whose level has advanced materials')], default='distributors', max_length=12, verbose_name='audience')),
                    ('lowest_level', models.ForeignKey(blank=True, help_text='Empty: with any level or none.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='distribution.level', verbose_name='from this level up')),
                    ('created_at', models.DateTimeField(editable=False, verbose_name='created at')),
                    ('published_at', models.DateTimeField(editable=False, null=True, verbose_name='published at')),
                    ('published_by', models.ForeignKey(db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='published by')),
                    ('withdrawn_at', models.DateTimeField(editable=False, null=True, verbose_name='withdrawn at')),
                    ('withdrawn_by', models.ForeignKey(db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='withdrawn by')),
                    ('withdrawal_reason', models.CharField(blank=True, editable=False, max_length=200, verbose_name='reason of the withdrawal')),
                    ('code', models.SlugField(blank=True, editable=False, help_text='Of a course that is shipped.', max_length=40, null=True, unique=True, verbose_name='code')),
                    ('title', models.CharField(max_length=60, verbose_name='title')),
                    ('summary', models.CharField(blank=True, max_length=200, verbose_name='summary')),
                    ('text', models.TextField(help_text='Begin a heading with “## ” and an item of a list with “- ”. Every other line is a paragraph.', max_length=50000, verbose_name='text')),
                    ('material', models.ForeignKey(blank=True, help_text='Shown with the text to those who may see it.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='materials.material', verbose_name='pictures or video')),
                    ('is_required', models.BooleanField(default=False, help_text='Listed first, and counted until it is read.', verbose_name='required reading')),
                    ('position', models.PositiveSmallIntegerField(default=0, verbose_name='position')),
                ],
                options={
                    'verbose_name': 'course',
                    'verbose_name_plural': 'courses',
                    'ordering': ['-is_required', 'position', 'id'],
                    'constraints': [
                        models.CheckConstraint(condition=models.Q(('status__in', ['draft', 'published', 'withdrawn'])), name='course_status_is_known'),
                        models.CheckConstraint(condition=models.Q(models.Q(('published_at', None), ('published_by', None), ('status', 'draft'), ('version', 0)), models.Q(('published_at__isnull', False), ('published_by__isnull', False), ('status__in', ['published', 'withdrawn']), ('version__gt', 0)), _connector='OR'), name='course_published_complete'),
                        models.CheckConstraint(condition=models.Q(models.Q(('status__in', ['draft', 'published']), ('withdrawal_reason', ''), ('withdrawn_at', None), ('withdrawn_by', None)), models.Q(('status', 'withdrawn'), ('withdrawn_at__isnull', False), ('withdrawn_by__isnull', False), models.Q(('withdrawal_reason', ''), _negated=True)), _connector='OR'), name='course_withdrawn_complete'),
                        models.CheckConstraint(condition=models.Q(('audience__in', ['members', 'distributors', 'advanced'])), name='course_audience_is_known'),
                        models.CheckConstraint(condition=models.Q(models.Q(('audience', 'members'), _negated=True), ('lowest_level', None), _connector='OR'), name='course_level_of_distributors', violation_error_message='Only distributors have a level: choose them as audience.'),
                        models.CheckConstraint(condition=models.Q(models.Q(('title', ''), _negated=True), models.Q(('text', ''), _negated=True)), name='course_not_empty'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='CourseReading',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('course', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='readings', to='materials.course', verbose_name='course')),
                    ('member', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.member', verbose_name='member')),
                    ('version', models.PositiveIntegerField(verbose_name='version')),
                    ('read_at', models.DateTimeField(verbose_name='read at')),
                ],
                options={
                    'verbose_name': 'reading of a course',
                    'verbose_name_plural': 'readings of courses',
                    'ordering': ['-id'],
                    'constraints': [
                        models.UniqueConstraint(fields=('course', 'version', 'member'), name='course_reading_unique'),
                        models.CheckConstraint(condition=models.Q(('version__gt', 0)), name='course_reading_of_a_version'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='Announcement',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('public_id', common.base_models.PublicIdField(default=common.base_models.public_id, editable=False, max_length=20, unique=True, verbose_name='public id')),
                    ('status', models.CharField(choices=[('draft', 'draft'), ('published', 'published'), ('withdrawn', 'withdrawn')], default='draft', editable=False, max_length=9, verbose_name='status')),
                    ('version', models.PositiveIntegerField(default=0, editable=False, verbose_name='version')),
                    ('audience', models.CharField(choices=[('members', 'all members'), ('distributors', 'distributors'), ('advanced', 'distributors whose level has advanced materials')], default='distributors', max_length=12, verbose_name='audience')),
                    ('created_at', models.DateTimeField(editable=False, verbose_name='created at')),
                    ('published_at', models.DateTimeField(editable=False, null=True, verbose_name='published at')),
                    ('withdrawn_at', models.DateTimeField(editable=False, null=True, verbose_name='withdrawn at')),
                    ('withdrawal_reason', models.CharField(blank=True, editable=False, max_length=200, verbose_name='reason of the withdrawal')),
                    ('title', models.CharField(max_length=60, verbose_name='title')),
                    ('text', models.TextField(help_text='Begin a heading with “## ” and an item of a list with “- ”. Every other line is a paragraph.', max_length=2000, verbose_name='text')),
                    ('is_pinned', models.BooleanField(default=False, help_text='Shown before the others.', verbose_name='pinned')),
                    ('starts_at', models.DateTimeField(blank=True, help_text='Empty: as soon as it is published.', null=True, verbose_name='starts at')),
                    ('ends_at', models.DateTimeField(blank=True, help_text='Empty: until it is withdrawn.', null=True, verbose_name='ends at')),
                    ('lowest_level', models.ForeignKey(blank=True, help_text='Empty: with any level or none.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='distribution.level', verbose_name='from this level up')),
                    ('published_by', models.ForeignKey(db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='published by')),
                    ('withdrawn_by', models.ForeignKey(db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='withdrawn by')),
                ],
                options={
                    'verbose_name': 'announcement',
                    'verbose_name_plural': 'announcements',
                    'ordering': ['-id'],
                    'indexes': [models.Index(condition=models.Q(('status', 'published')), fields=['-is_pinned', '-published_at'], name='announcements_by_publication')],
                    'constraints': [models.CheckConstraint(condition=models.Q(('status__in', ['draft', 'published', 'withdrawn'])), name='announcement_status_is_known'), models.CheckConstraint(condition=models.Q(models.Q(('published_at', None), ('published_by', None), ('status', 'draft'), ('version', 0)), models.Q(('published_at__isnull', False), ('published_by__isnull', False), ('status__in', ['published', 'withdrawn']), ('version__gt', 0)), _connector='OR'), name='announcement_published_complete'), models.CheckConstraint(condition=models.Q(models.Q(('status__in', ['draft', 'published']), ('withdrawal_reason', ''), ('withdrawn_at', None), ('withdrawn_by', None)), models.Q(('status', 'withdrawn'), ('withdrawn_at__isnull', False), ('withdrawn_by__isnull', False), models.Q(('withdrawal_reason', ''), _negated=True)), _connector='OR'), name='announcement_withdrawn_complete'), models.CheckConstraint(condition=models.Q(('audience__in', ['members', 'distributors', 'advanced'])), name='announcement_audience_is_known'), models.CheckConstraint(condition=models.Q(models.Q(('audience', 'members'), _negated=True), ('lowest_level', None), _connector='OR'), name='announcement_level_of_distributors', violation_error_message='Only distributors have a level: choose them as audience.'), models.CheckConstraint(condition=models.Q(models.Q(('title', ''), _negated=True), models.Q(('text', ''), _negated=True)), name='announcement_not_empty'), models.CheckConstraint(condition=models.Q(('starts_at', None), ('ends_at', None), ('ends_at__gt', models.F('starts_at')), _connector='OR'), name='announcement_ends_after_start', violation_error_message='The end must be later than the start.')],
                },
            ),
        ),
    ]
