import common.base_models
import django.core.serializers.json
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from common.create_models import CreateModels


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('catalog', '0001_initial'),
        ('members', '0001_initial'),
        ('sharing', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateModels(
            migrations.CreateModel(
                name='RecommendationLine',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('source', models.CharField(choices=[('product', 'of a product'), ('distributor', 'of a member'), ('suggested', 'suggested')], default='suggested', editable=False, max_length=12, verbose_name='source')),
                    ('text', models.CharField(max_length=40, verbose_name='text')),
                    ('product', models.ForeignKey(blank=True, help_text='Empty: for every product.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='recommendation_lines', to='catalog.product', verbose_name='product')),
                    ('member', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='recommendation_lines', to='members.member', verbose_name='member')),
                    ('industry', models.CharField(blank=True, help_text='Of the products that it suits. Empty: any.', max_length=20, verbose_name='industry')),
                    ('is_active', models.BooleanField(default=True, verbose_name='offered')),
                    ('last_used_at', models.DateTimeField(editable=False, null=True, verbose_name='last used at')),
                ],
                options={
                    'verbose_name': 'recommendation',
                    'verbose_name_plural': 'recommendations',
                    'ordering': ['-id'],
                    'constraints': [
                        models.UniqueConstraint(fields=('member', 'text'), name='recommendation_of_member_unique'),
                        models.CheckConstraint(condition=models.Q(models.Q(('member', None), ('product__isnull', False), ('source', 'product')), models.Q(('member__isnull', False), ('product', None), ('source', 'distributor')), models.Q(('member', None), ('product', None), ('source', 'suggested')), _connector='OR'), name='recommendation_source_complete'),
                        models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='recommendation_not_empty'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='ShopLook',
                fields=[
                    ('id', models.SmallIntegerField(default=1, editable=False, primary_key=True, serialize=False)),
                    ('name', models.CharField(blank=True, help_text='Empty: the brand of the settings.', max_length=24, verbose_name='name')),
                    ('logo', models.CharField(blank=True, editable=False, max_length=100, verbose_name='path of the logo')),
                    ('slogan', models.CharField(blank=True, max_length=30, verbose_name='slogan')),
                    ('cta', models.CharField(blank=True, help_text='Beside the code.', max_length=20, verbose_name='call to action')),
                    ('cta2', models.CharField(blank=True, max_length=20, verbose_name='second line of the call')),
                    ('footer', models.CharField(blank=True, max_length=40, verbose_name='footer')),
                    ('is_ad', models.BooleanField(default=True, help_text='Shows 广告. The advertising law of China requires it on pictures that promote goods: switch it off only if your lawyers agree.', verbose_name='marked as advertising')),
                ],
                options={
                    'verbose_name': 'look of posters',
                    'verbose_name_plural': 'look of posters',
                    'abstract': False,
                    'constraints': [
                        models.CheckConstraint(condition=models.Q(('id', 1)), name='posters_shoplook_singleton'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='PosterTemplateVersion',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('template', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='posters.postertemplate', verbose_name='poster template')),
                    ('number', models.PositiveIntegerField(verbose_name='version')),
                    ('document', models.JSONField(verbose_name='document')),
                    ('sha256', models.CharField(max_length=64, verbose_name='SHA-256')),
                    ('created_by', models.ForeignKey(db_index=False, help_text='Empty for templates that ship with Twotier.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='saved by')),
                    ('created_at', models.DateTimeField(verbose_name='saved at')),
                    ('published_at', models.DateTimeField(null=True, verbose_name='first published at')),
                    ('thumbnail', models.CharField(blank=True, max_length=100, verbose_name='path of the thumbnail')),
                ],
                options={
                    'verbose_name': 'version of a poster template',
                    'verbose_name_plural': 'versions of poster templates',
                    'ordering': ['-id'],
                    'constraints': [
                        models.UniqueConstraint(fields=('template', 'number'), name='poster_version_number_unique'),
                        models.CheckConstraint(condition=models.Q(('number__gte', 1)), name='poster_version_number_positive'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='PosterTemplate',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('public_id', common.base_models.PublicIdField(default=common.base_models.public_id, editable=False, max_length=20, unique=True, verbose_name='public id')),
                    ('code', models.SlugField(help_text='Names it in files and commands, such as beauty-soft.', max_length=40, unique=True, verbose_name='code')),
                    ('kind', models.CharField(choices=[('product', 'product'), ('home', 'home page'), ('recruit', 'recruitment')], default='product', max_length=8, verbose_name='kind')),
                    ('name', models.CharField(max_length=40, verbose_name='name')),
                    ('industry', models.CharField(blank=True, help_text='Products of this industry are offered it first. Empty: any.', max_length=20, verbose_name='industry')),
                    ('is_active', models.BooleanField(default=True, verbose_name='offered')),
                    ('sort', models.PositiveSmallIntegerField(default=100, help_text='Smaller numbers are offered first.', verbose_name='position')),
                    ('current_version', models.ForeignKey(db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='posters.postertemplateversion', verbose_name='published version')),
                ],
                options={
                    'verbose_name': 'poster template',
                    'verbose_name_plural': 'poster templates',
                    'ordering': ['kind', 'sort', 'id'],
                    'permissions': [('publish_postertemplate', 'Can publish poster templates')],
                    'constraints': [
                        models.CheckConstraint(condition=models.Q(('kind__in', ['product', 'home', 'recruit'])), name='poster_template_kind_valid'),
                        models.CheckConstraint(condition=models.Q(models.Q(('code', ''), _negated=True), models.Q(('name', ''), _negated=True)), name='poster_template_named'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='Poster',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('public_id', common.base_models.PublicIdField(default=common.base_models.public_id, editable=False, max_length=20, unique=True, verbose_name='public id')),
                    ('member', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='posters', to='members.member', verbose_name='member')),
                    ('share', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='posters', to='sharing.share', verbose_name='share')),
                    ('template_version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='posters', to='posters.postertemplateversion', verbose_name='version of the template')),
                    ('size', models.CharField(choices=[('1080x1920', '1080 × 1920'), ('1080x1440', '1080 × 1440'), ('750x1334', '750 × 1334')], default='1080x1920', max_length=9, verbose_name='size')),
                    ('line', models.CharField(blank=True, max_length=40, verbose_name='recommendation')),
                    ('inputs', models.JSONField(encoder=django.core.serializers.json.DjangoJSONEncoder, verbose_name='inputs')),
                    ('key', models.CharField(editable=False, max_length=64, verbose_name='key')),
                    ('is_final', models.BooleanField(help_text='No: something was missing, such as the mini-program code.', verbose_name='final')),
                    ('replaced_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='posters.poster', verbose_name='replaced by')),
                    ('status', models.CharField(choices=[('waiting', 'waiting to be drawn'), ('ready', 'ready'), ('failed', 'could not be drawn'), ('removed', 'removed')], default='waiting', max_length=8, verbose_name='status')),
                    ('requested_at', models.DateTimeField(verbose_name='requested at')),
                    ('rung_at', models.DateTimeField(verbose_name='workers last woken at')),
                    ('claimed_at', models.DateTimeField(null=True, verbose_name='taken by a worker at')),
                    ('attempts', models.PositiveSmallIntegerField(default=0, verbose_name='attempts')),
                    ('failure', models.CharField(blank=True, max_length=200, verbose_name='last error')),
                    ('drawn_at', models.DateTimeField(null=True, verbose_name='drawn at')),
                    ('path', models.CharField(blank=True, max_length=100, verbose_name='path')),
                    ('last_used_at', models.DateTimeField(verbose_name='last used at')),
                ],
                options={
                    'verbose_name': 'poster',
                    'verbose_name_plural': 'posters',
                    'ordering': ['-id'],
                    'indexes': [
                        models.Index(fields=['member', '-id'], name='poster_of_member'),
                        models.Index(condition=models.Q(('status', 'waiting')), fields=['rung_at'], name='poster_waiting'),
                        models.Index(condition=models.Q(('status', 'failed')), fields=['status'], name='poster_failed'),
                        models.Index(fields=['last_used_at'], name='poster_age'),
                        models.Index(condition=models.Q(('status', 'removed')), fields=['status'], name='poster_removed'),
                    ],
                    'constraints': [
                        models.UniqueConstraint(condition=models.Q(('status', 'removed'), _negated=True), fields=('key',), name='poster_key_unique'),
                        models.CheckConstraint(condition=models.Q(('status__in', ['waiting', 'ready', 'failed', 'removed'])), name='poster_status_valid'),
                        models.CheckConstraint(condition=models.Q(('size__in', ['1080x1920', '1080x1440', '750x1334'])), name='poster_size_valid'),
                        models.CheckConstraint(condition=models.Q(models.Q(('drawn_at__isnull', False), ('status', 'ready'), models.Q(('path', ''), _negated=True)), models.Q(('drawn_at', None), ('path', ''), ('status__in', ['waiting', 'failed'])), ('status', 'removed'), _connector='OR'), name='poster_ready_complete'),
                    ],
                },
            ),
        ),
    ]
