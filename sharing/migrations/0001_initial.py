import common.base_models
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.core.validators
import django.db.models.constraints
import django.db.models.deletion
import sharing.models.shares
from django.db import migrations, models

from common.create_models import CreateModels


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('catalog', '0001_initial'),
        ('distribution', '0001_initial'),
        ('members', '0001_initial'),
    ]

    operations = [
        CreateModels(
            migrations.CreateModel(
                name='Share',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('code', models.CharField(default=sharing.models.shares.new_code, editable=False, max_length=10, unique=True, verbose_name='share code')),
                    ('member', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='shares', to='members.member', verbose_name='member')),
                    ('target_kind', models.CharField(choices=[('product', 'product'), ('home', 'home page'), ('recruit', 'recruitment'), ('coupon', 'coupon'), ('material', 'material'), ('group', 'group-buy'), ('roll_call', 'roll-call')], max_length=9, verbose_name='kind of target')),
                    ('target_id', models.CharField(blank=True, max_length=64, verbose_name='target')),
                    ('channel', models.CharField(choices=[('chat', 'WeChat chat'), ('moments', 'WeChat Moments'), ('group', 'WeChat group'), ('qq', 'QQ'), ('weibo', 'Weibo'), ('douyin', 'Douyin'), ('xiaohongshu', 'Xiaohongshu'), ('poster', 'poster'), ('other', 'other')], max_length=11, verbose_name='channel')),
                    ('label', models.CharField(blank=True, max_length=40, verbose_name='label')),
                    ('template', models.CharField(blank=True, max_length=64, verbose_name='poster template')),
                    ('created_at', models.DateTimeField(verbose_name='created at')),
                    ('expires_at', models.DateTimeField(blank=True, null=True, verbose_name='expires at')),
                    ('disabled_at', models.DateTimeField(blank=True, null=True, verbose_name='switched off at')),
                ],
                options={
                    'verbose_name': 'share',
                    'verbose_name_plural': 'shares',
                    'ordering': ['-id'],
                    'indexes': [
                        models.Index(fields=['target_kind', 'target_id'], name='share_of_target'),
                        models.Index(fields=['member', '-id'], name='share_of_member'),
                    ],
                    'constraints': [
                        models.UniqueConstraint(fields=('member', 'target_kind', 'target_id', 'channel', 'label', 'template'), name='share_unique'),
                        models.CheckConstraint(condition=models.Q(('code__regex', '^[123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz]{10}$')), name='share_code_valid'),
                        models.CheckConstraint(condition=models.Q(models.Q(('target_id', ''), ('target_kind', 'recruit')), models.Q(models.Q(('target_kind', 'recruit'), _negated=True), models.Q(('target_id', ''), _negated=True)), _connector='OR'), name='share_target_complete'),
                        models.CheckConstraint(condition=models.Q(('target_kind__in', ['product', 'home', 'recruit', 'coupon', 'material', 'group', 'roll_call'])), name='share_target_kind_valid'),
                        models.CheckConstraint(condition=models.Q(('channel__in', ['chat', 'moments', 'group', 'qq', 'weibo', 'douyin', 'xiaohongshu', 'poster', 'other'])), name='share_channel_valid'),
                        models.CheckConstraint(condition=models.Q(('template', ''), ('channel', 'poster'), _connector='OR'), name='share_template_of_poster'),
                        models.CheckConstraint(condition=models.Q(('expires_at__gt', models.F('created_at'))), name='share_expires_later'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='MiniProgramCode',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('share', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='mini_codes', to='sharing.share', verbose_name='share')),
                    ('app_id', models.CharField(max_length=64, verbose_name='app id')),
                    ('page', models.CharField(max_length=128, verbose_name='page')),
                    ('env', models.CharField(max_length=10, verbose_name='version of the mini-program')),
                    ('path', models.CharField(blank=True, max_length=100, verbose_name='file')),
                    ('requested_at', models.DateTimeField(verbose_name='requested at')),
                    ('next_at', models.DateTimeField(verbose_name='next attempt at')),
                    ('attempts', models.PositiveIntegerField(default=0, verbose_name='attempts')),
                    ('fetched_at', models.DateTimeField(null=True, verbose_name='fetched at')),
                ],
                options={
                    'verbose_name': 'mini-program code',
                    'verbose_name_plural': 'mini-program codes',
                    'ordering': ['-id'],
                    'indexes': [
                        models.Index(condition=models.Q(('fetched_at', None)), fields=['next_at', 'id'], name='mini_code_to_fetch'),
                    ],
                    'constraints': [
                        models.UniqueConstraint(fields=('share', 'app_id', 'page', 'env'), name='mini_code_once'),
                        models.CheckConstraint(condition=models.Q(models.Q(('fetched_at', None), ('path', '')), models.Q(('fetched_at__isnull', False), models.Q(('path', ''), _negated=True)), _connector='OR'), name='mini_code_fetched_complete'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='CodeFetching',
                fields=[
                    ('id', models.SmallIntegerField(default=1, editable=False, primary_key=True, serialize=False)),
                    ('paused_until', models.DateTimeField(null=True, verbose_name='paused until')),
                    ('failing_since', models.DateTimeField(null=True, verbose_name='failing since')),
                    ('failures', models.PositiveIntegerField(default=0, verbose_name='failures in a row')),
                    ('last_error', models.CharField(blank=True, max_length=80, verbose_name='last error')),
                ],
                options={
                    'verbose_name': 'fetching of mini-program codes',
                    'verbose_name_plural': 'fetching of mini-program codes',
                    'abstract': False,
                    'constraints': [
                        models.CheckConstraint(condition=models.Q(('id', 1)), name='sharing_codefetching_singleton'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='HomePage',
                fields=[
                    ('distributor', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='home', serialize=False, to='distribution.distributor', verbose_name='distributor')),
                    ('line', models.CharField(blank=True, max_length=60, verbose_name='line')),
                    ('updated_at', models.DateTimeField(verbose_name='updated at')),
                ],
                options={
                    'verbose_name': 'home page',
                    'verbose_name_plural': 'home pages',
                    'ordering': ['-updated_at', '-pk'],
                },
            ),
            migrations.CreateModel(
                name='HomeProduct',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('home', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='products', to='sharing.homepage', verbose_name='home page')),
                    ('product', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.product', verbose_name='product')),
                    ('position', models.PositiveSmallIntegerField(verbose_name='position')),
                ],
                options={
                    'verbose_name': 'product of a home page',
                    'verbose_name_plural': 'products of a home page',
                    'ordering': ['position'],
                    'constraints': [
                        models.UniqueConstraint(fields=('home', 'product'), name='home_product_once'),
                        models.UniqueConstraint(deferrable=django.db.models.constraints.Deferrable['DEFERRED'], fields=('home', 'position'), name='home_position_once'),
                        models.CheckConstraint(condition=models.Q(('position__lt', 50)), name='home_products_limited'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='SharingPolicy',
                fields=[
                    ('id', models.SmallIntegerField(default=1, editable=False, primary_key=True, serialize=False)),
                    ('share_days', models.PositiveIntegerField(blank=True, help_text='Counted from the last time that its member asked for it. Empty: forever.', null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(36500)], verbose_name='days a share lasts')),
                ],
                options={
                    'verbose_name': 'sharing policy',
                    'verbose_name_plural': 'sharing policy',
                    'abstract': False,
                    'constraints': [
                        models.CheckConstraint(condition=models.Q(('id', 1)), name='sharing_sharingpolicy_singleton'),
                        models.CheckConstraint(condition=models.Q(('share_days', None), models.Q(('share_days__gte', 1), ('share_days__lte', 36500)), _connector='OR'), name='sharing_policy_days_valid'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='LandingPolicy',
                fields=[
                    ('kind', models.CharField(choices=[('product', 'product'), ('home', 'home page'), ('recruit', 'recruitment'), ('coupon', 'coupon'), ('material', 'material'), ('group', 'group-buy'), ('roll_call', 'roll-call')], max_length=9, primary_key=True, serialize=False, verbose_name='kind of target')),
                    ('url', models.CharField(blank=True, help_text='Such as https://mall.example.com/goods/{sku}?share={code}. It may have {sku}, {id} and {code}. Empty: our own page.', max_length=300, verbose_name="address of the mall's page")),
                    ('mini_path', models.CharField(blank=True, help_text="Such as pages/goods/detail?sku={sku}&share={code}. It may have {sku}, {id} and {code}. Empty: the product's own path, else the page of shares.", max_length=300, verbose_name='path in the mini-program')),
                ],
                options={
                    'verbose_name': 'landing page',
                    'verbose_name_plural': 'landing pages',
                    'ordering': ['kind'],
                    'constraints': [
                        models.CheckConstraint(condition=models.Q(('kind__in', ['product', 'home', 'recruit', 'coupon', 'material', 'group', 'roll_call'])), name='landing_kind_valid'),
                        models.CheckConstraint(condition=models.Q(('url', ''), ('url__startswith', 'https://'), ('url__regex', '^/[^/\\\\]'), _connector='OR'), name='landing_url_valid'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='Visit',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('public_id', common.base_models.PublicIdField(default=common.base_models.public_id, editable=False, max_length=20, unique=True, verbose_name='public id')),
                    ('share', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='visits', to='sharing.share', verbose_name='share')),
                    ('visitor', models.CharField(max_length=32, verbose_name='visitor')),
                    ('day', models.DateField(verbose_name='day')),
                    ('at', models.DateTimeField(verbose_name='at')),
                    ('member', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='visits', to='members.member', verbose_name='member')),
                    ('joined_at', models.DateTimeField(null=True, verbose_name='belongs to the member since')),
                    ('is_new_member', models.BooleanField(default=False, help_text='The member was created at the sign-in after this visit.', verbose_name='brought a new member')),
                    ('pages', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=200), blank=True, db_default=models.Value('{}'), default=list, size=None, verbose_name='pages')),
                    ('ip', models.GenericIPAddressField(null=True, verbose_name='IP address')),
                    ('user_agent', models.CharField(blank=True, max_length=200, verbose_name='user agent')),
                    ('has_traces', models.GeneratedField(db_persist=True, expression=models.Case(models.When(models.Q(('ip__isnull', False), models.Q(('user_agent', ''), _negated=True), _connector='OR'), then=True), default=False), output_field=models.BooleanField(), verbose_name='has traces')),
                ],
                options={
                    'verbose_name': 'visit',
                    'verbose_name_plural': 'visits',
                    'ordering': ['-id'],
                    'indexes': [
                        models.Index(fields=['visitor', 'at'], name='visit_of_visitor'),
                        models.Index(condition=models.Q(('member__isnull', False)), fields=['member', 'share', '-at'], name='visit_of_member'),
                        models.Index(condition=models.Q(('has_traces', True)), fields=['at'], name='visit_with_traces'),
                        django.contrib.postgres.indexes.BrinIndex(autosummarize=True, fields=['at'], name='visit_by_day'),
                    ],
                    'constraints': [
                        models.UniqueConstraint(fields=('share', 'visitor', 'day'), name='visit_once_a_day'),
                        models.CheckConstraint(condition=models.Q(models.Q(('is_new_member', False), ('joined_at', None), ('member', None)), models.Q(('joined_at__isnull', False), ('member__isnull', False)), _connector='OR'), name='visit_member_complete'),
                        models.CheckConstraint(condition=models.Q(('joined_at__gte', models.F('at'))), name='visit_joined_after_visit'),
                        models.CheckConstraint(condition=models.Q(('pages__len__lte', 50)), name='visit_pages_limited'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='VisitorClaim',
                fields=[
                    ('visitor', models.CharField(max_length=32, primary_key=True, serialize=False, verbose_name='visitor')),
                    ('member', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='visitor_claims', to='members.member', verbose_name='member')),
                    ('at', models.DateTimeField(verbose_name='at')),
                ],
                options={
                    'verbose_name': 'visitor who signed in',
                    'verbose_name_plural': 'visitors who signed in',
                },
            ),
            migrations.CreateModel(
                name='ForbiddenWord',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('word', models.CharField(help_text='Found without regard to case, width and blanks between characters.', max_length=40, verbose_name='word')),
                    ('industry', models.CharField(blank=True, help_text='That of a category, such as “health”. Empty: everywhere.', max_length=40, verbose_name='industry')),
                    ('reason', models.CharField(choices=[('absolute', 'absolute claim'), ('medical', 'medical claim'), ('financial', 'promise of earnings'), ('education', 'promise of success in education'), ('cosmetic', 'cosmetic claim'), ('recruiting', 'pyramid recruiting'), ('other', 'other')], default='other', max_length=10, verbose_name='reason')),
                ],
                options={
                    'verbose_name': 'forbidden word',
                    'verbose_name_plural': 'forbidden words',
                    'ordering': ['industry', 'word'],
                    'constraints': [
                        models.UniqueConstraint(fields=('word', 'industry'), name='forbidden_word_unique'),
                        models.CheckConstraint(condition=models.Q(('word', ''), _negated=True), name='forbidden_word_not_empty'),
                        models.CheckConstraint(condition=models.Q(('reason__in', ['absolute', 'medical', 'financial', 'education', 'cosmetic', 'recruiting', 'other'])), name='forbidden_word_reason_valid'),
                    ],
                },
            ),
        ),
    ]
