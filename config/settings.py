"""Every setting of Twotier. What differs between machines comes from the environment."""

from __future__ import annotations

import os
import re
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from environ import Env

import devservers
from alarms import robots
from config.admin import UNFOLD  # noqa: F401 - a setting
from config.env import Environment, InvalidSetting
from config.logs import LOGGING  # noqa: F401 - a setting

BASE_DIR = Path(__file__).resolve().parent.parent
env = Environment(os.environ)
MIN_TOKEN_LENGTH = 20

PRODUCTION = (
    env.choice("TWOTIER_ENV", default="development", choices=("development", "production"))
    == "production"
)
DEBUG = env.boolean("TWOTIER_DEBUG", default=False)
if PRODUCTION and DEBUG:
    raise InvalidSetting("TWOTIER_DEBUG is on in production: errors would show secrets. Remove it.")

if PRODUCTION:
    SECRET_KEY = env.required(
        "SECRET_KEY", "give a long random text, or its file in SECRET_KEY_FILE."
    )
else:
    SECRET_KEY = env.text("SECRET_KEY", "development only, refused in production")
_here = [] if PRODUCTION else ["localhost", "127.0.0.1", "[::1]"]
ALLOWED_HOSTS = env.names("ALLOWED_HOSTS") or _here
if not ALLOWED_HOSTS:
    raise InvalidSetting("ALLOWED_HOSTS is not set: list the accepted host names.")
CSRF_TRUSTED_ORIGINS = env.names("CSRF_TRUSTED_ORIGINS")

# Personal data at rest. The first key encrypts, all of them decrypt; see common/encryption.py.
if PRODUCTION:
    FIELD_ENCRYPTION_KEYS = env.names("FIELD_ENCRYPTION_KEYS")
    if not FIELD_ENCRYPTION_KEYS:
        raise InvalidSetting(
            "FIELD_ENCRYPTION_KEYS is not set: give a long random text, or its file."
        )
    FINGERPRINT_KEY = env.required(
        "FINGERPRINT_KEY", "give a long random text that never changes, or its file."
    )
else:
    FIELD_ENCRYPTION_KEYS = env.names("FIELD_ENCRYPTION_KEYS") or [
        "development only, refused in production"
    ]
    FINGERPRINT_KEY = env.text("FINGERPRINT_KEY", "development only, refused in production")

# How withdrawals are paid: see withdrawals/gateways.
PAYOUT_GATEWAY = env.choice(
    "PAYOUT_GATEWAY",
    default="manual" if PRODUCTION else "sandbox",
    choices=("manual", "wechat") if PRODUCTION else ("sandbox", "manual", "wechat"),
)
PAYOUT_REMARK = env.text("PAYOUT_REMARK", "推广佣金")
WECHATPAY_CONFIRMED_BY_MEMBER = env.boolean("WECHATPAY_CONFIRMED_BY_MEMBER", default=True)
WECHATPAY_URL = env.url("WECHATPAY_URL", schemes=("https", "http")) or (
    "https://api.mch.weixin.qq.com"
)
WECHATPAY_POSITION = env.text("WECHATPAY_POSITION", "分销员")
WECHATPAY_EXPLANATION = env.text("WECHATPAY_EXPLANATION", "商品推广佣金")
for _name in ("POSITION", "EXPLANATION"):
    if len(globals()[f"WECHATPAY_{_name}"]) > 32:  # noqa: PLR2004 - as WeChat Pay limits it
        raise InvalidSetting(f"WECHATPAY_{_name} is longer than 32 characters: shorten it.")
WECHATPAY_MERCHANT = env.text("WECHATPAY_MERCHANT")
WECHATPAY_APP = env.text("WECHATPAY_APP")
WECHATPAY_PRIVATE_KEY = env.text("WECHATPAY_PRIVATE_KEY")
WECHATPAY_CERT_SERIAL = env.text("WECHATPAY_CERT_SERIAL")
WECHATPAY_API_V3_KEY = env.text("WECHATPAY_API_V3_KEY")
WECHATPAY_PUBLIC_KEY = env.text("WECHATPAY_PUBLIC_KEY")
WECHATPAY_PUBLIC_KEY_ID = env.text("WECHATPAY_PUBLIC_KEY_ID")
WECHATPAY_NOTIFY_URL = env.text("WECHATPAY_NOTIFY_URL")
if PAYOUT_GATEWAY == "wechat":
    for _name in ("MERCHANT", "APP", "PRIVATE_KEY", "CERT_SERIAL", "API_V3_KEY", "PUBLIC_KEY",
                  "PUBLIC_KEY_ID", "NOTIFY_URL"):  # fmt: skip
        env.required(f"WECHATPAY_{_name}", "PAYOUT_GATEWAY=wechat needs it.")

# WeChat login: see wechat/gateway.py.
WECHAT_GATEWAY = env.choice(
    "WECHAT_GATEWAY",
    default="off" if PRODUCTION else "sandbox",
    choices=("off", "wechat") if PRODUCTION else ("sandbox", "off", "wechat"),
)
WECHAT_MINI_APP = env.text("WECHAT_MINI_APP")
WECHAT_MINI_SECRET = env.text("WECHAT_MINI_SECRET")
WECHAT_OFFICIAL_APP = env.text("WECHAT_OFFICIAL_APP")
WECHAT_OFFICIAL_SECRET = env.text("WECHAT_OFFICIAL_SECRET")
WECHAT_URL = env.url("WECHAT_URL", schemes=("https", "http")) or "https://api.weixin.qq.com"
# Ask people on H5 pages for their picture at WeChat: they confirm it in a window.
WECHAT_OAUTH_PROFILE = env.boolean("WECHAT_OAUTH_PROFILE", default=False)
if WECHAT_GATEWAY == "wechat":
    for _name in ("WECHAT_MINI_APP", "WECHAT_MINI_SECRET"):
        env.required(_name, "WECHAT_GATEWAY=wechat needs it.")
WECHAT_EVENTS_TOKEN = env.text("WECHAT_EVENTS_TOKEN")
WECHAT_EVENTS_KEY = env.text("WECHAT_EVENTS_KEY")
if WECHAT_EVENTS_TOKEN and not re.fullmatch(r"[A-Za-z0-9+/]{43}", WECHAT_EVENTS_KEY):
    raise InvalidSetting("WECHAT_EVENTS_KEY is not the EncodingAESKey of 43 characters.")
# scene=template id:field:field, such as credited=AbC_1:amount1:thing2; see docs/notices.md.
_templates = [re.fullmatch(r"(\w+)=([\w-]+)((?::\w+)*)", part, re.ASCII)
              for part in env.names("WECHAT_TEMPLATES")]  # fmt: skip
if not all(_templates):
    raise InvalidSetting(
        "WECHAT_TEMPLATES cannot be read: write scene=template id:field:field, separated by commas."
    )
WECHAT_TEMPLATES = {part[1]: part[2] for part in _templates if part}
WECHAT_TEMPLATE_FIELDS = {part[1]: part[3].split(":")[1:] for part in _templates if part}
WECHAT_NOTICE_PAGE = env.text("WECHAT_NOTICE_PAGE")
# Which page of which version of the mini-program opens shares: see docs/sharing.md.
WECHAT_SHARE_PAGE = env.text("WECHAT_SHARE_PAGE", "pages/share/index")
WECHAT_MINI_ENV = env.choice(
    "WECHAT_MINI_ENV", default="release", choices=("release", "trial", "develop")
)
if WECHAT_SHARE_PAGE.startswith("/") or "?" in WECHAT_SHARE_PAGE:
    raise InvalidSetting(
        "WECHAT_SHARE_PAGE cannot be used: write it as pages/share/index, without / in front and"
        " without parameters."
    )
H5_HOSTS = env.names("H5_HOSTS")
EMBED_RETURN_HOSTS = env.names("EMBED_RETURN_HOSTS")

# What clients show, and which versions of them may go on: see config/api.py.
BRAND_NAME = env.text("BRAND_NAME", "Twotier")
LEAST_CLIENT_VERSION = env.text("LEAST_CLIENT_VERSION")

# Whom alarms reach: see docs/alarms.md. Sentry also gets unexpected errors.
EMAIL_URL = env.url("EMAIL_URL", schemes=("smtp", "smtp+tls", "smtp+ssl", "consolemail"))
globals().update(Env.email_url_config(EMAIL_URL or "consolemail://"))
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.text("EMAIL_FROM", "twotier@localhost")
ALARM_EMAILS = env.names("ALARM_EMAILS")
if ALARM_EMAILS and not EMAIL_URL:
    raise InvalidSetting("EMAIL_URL is not set: name the mail server that takes ALARM_EMAILS.")
ALARM_WEBHOOK_URL = env.url("ALARM_WEBHOOK_URL", schemes=("https", "http"))
ALARM_WEBHOOK_KIND = env.choice(
    "ALARM_WEBHOOK_KIND", default="by_host", choices=("by_host", *robots.KINDS)
)
if ALARM_WEBHOOK_KIND == "by_host":
    ALARM_WEBHOOK_KIND = robots.kind_of(ALARM_WEBHOOK_URL)
if ALARM_WEBHOOK_URL and not ALARM_WEBHOOK_KIND:
    raise InvalidSetting(
        "ALARM_WEBHOOK_KIND is not set, and the host of ALARM_WEBHOOK_URL is unknown: "
        f"choose one of {', '.join(robots.KINDS)}."
    )
ALARM_WEBHOOK_SECRET = env.text("ALARM_WEBHOOK_SECRET")
if ALARM_WEBHOOK_SECRET and ALARM_WEBHOOK_KIND not in robots.SIGNED_KINDS:
    raise InvalidSetting(
        "ALARM_WEBHOOK_SECRET is set, but only robots of DingTalk and Feishu sign: remove it."
    )
SENTRY_DSN = env.url("SENTRY_DSN", schemes=("https", "http"))

# The token of /statusz and /metrics; without one, both are closed.
STATUS_TOKEN = env.text("STATUS_TOKEN")
if 0 < len(STATUS_TOKEN) < MIN_TOKEN_LENGTH:
    raise InvalidSetting(
        f"STATUS_TOKEN has fewer than {MIN_TOKEN_LENGTH} characters: give a long random text."
    )

# A server without a URL runs embedded on this machine, except in production.
TWOTIER_DATA = env.text("TWOTIER_DATA")
DATABASE_URL = env.url("DATABASE_URL", schemes=("postgres", "postgresql"))
# For the command app_role: what web and workers use, while DATABASE_URL is the owner's.
APP_DATABASE_URL = env.url("APP_DATABASE_URL", schemes=("postgres", "postgresql"))
REDIS_URL = env.url("REDIS_URL", schemes=("redis", "rediss", "unix", "redis+socket"))
if PRODUCTION and not (DATABASE_URL and REDIS_URL):
    raise InvalidSetting("DATABASE_URL and REDIS_URL must be set in production: name both servers.")
SERVER_PAIR = devservers.server_pair(Path(TWOTIER_DATA) if TWOTIER_DATA else None)
_database: dict[str, Any] = (
    Env.db_url_config(DATABASE_URL) if DATABASE_URL else SERVER_PAIR.database()
)
DATABASES = {
    "default": {
        **_database,
        # An unreachable server must not block every web thread for minutes.
        "OPTIONS": {"connect_timeout": 5, **_database.get("OPTIONS", {})},
        "ENGINE": "django.db.backends.postgresql" if DATABASE_URL else "devservers",
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# The outermost first.
INSTALLED_APPS = [
    "demo",
    "config",
    "h5",
    "closing",
    "reports",
    "notices",
    "webhooks",
    "integration",
    "withdrawals",
    "posters",
    "materials",
    "incentives",
    "risk",
    "commissions",
    "promotions",
    "orders",
    "sharing",
    "distribution",
    "catalog",
    "ledger",
    "members",
    "alarms",
    "events",
    "backoffice",
    "api",
    "wechat",
    "common",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "mptt",
    "axes",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "backoffice.admin_config.OfficeAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_structlog",
]
if not PRODUCTION and find_spec("django_migration_linter"):
    INSTALLED_APPS.append("django_migration_linter")  # a development tool
MIDDLEWARE = [
    "config.request_id.RequestIdMiddleware",
    "api.middleware.ApiMiddleware",
    "config.request_limits.RequestLimitsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "config.request_limits.FormsWithoutNulMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "members.sign_in.middleware.IdleEndMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "members.sign_in.middleware.SecondFactorMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "config.request_log.RequestLogMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# The module that names the followers of each event.
FLOWS = "config.flows"

# Users
AUTH_USER_MODEL = "members.User"
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "/admin/"
PASSWORD_RESET_TIMEOUT = 86_400
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

# Lock-out after failed sign-ins. The pair of name and address: with the name alone, anybody could
# lock out the staff; with the address alone, one person a whole office.
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=30)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_HANDLER = "members.sign_in.lockout.LockoutHandler"
AXES_LOCKOUT_CALLABLE = "members.sign_in.views.locked_out"
AXES_CLIENT_IP_CALLABLE = "members.sign_in.lockout.client_address"
AXES_ENABLE_ADMIN = False
AXES_DISABLE_ACCESS_LOG = True  # addresses are personal data: only those of failures are stored
AXES_VERBOSE = False

# The second factor of staff: whether it is required.
STAFF_TOTP = env.boolean("STAFF_TOTP", default=PRODUCTION)
OTP_TOTP_ISSUER = "Twotier"

# Sessions of those who may release money, or sign for it, end when idle.
STAFF_IDLE_MINUTES = env.number("STAFF_IDLE_MINUTES", default=30)
STAFF_IDLE_PERMISSIONS = (
    "withdrawals.review_as_operations",
    "withdrawals.review_as_finance",
    "withdrawals.unmask_person",
    "commissions.change_plan",
    "commissions.publish_plan",
    "commissions.change_commissionhold",
    "risk.change_case",
    "ledger.sign_period",
    "closing.post_documents",
    "closing.propose_adjustment",
    "closing.decide_adjustment",
    "closing.export_payroll",
    "integration.start_mallimport",
    "members.change_user",
)

# REST API
API_REQUESTS_A_MINUTE = env.number("API_REQUESTS_A_MINUTE", default=6_000)
API_GUESSES_A_MINUTE = env.number("API_GUESSES_A_MINUTE", default=300)
# The file with the seconds by which a sandbox's clock is ahead.
SANDBOX_CLOCK = env.text("SANDBOX_CLOCK")
if PRODUCTION and SANDBOX_CLOCK:
    raise InvalidSetting(
        "SANDBOX_CLOCK is set in production: money would be credited before its time. Remove it."
    )
# Send webhooks to this machine, too, and without TLS.
WEBHOOK_ALLOW_LOOPBACK = env.boolean("WEBHOOK_ALLOW_LOOPBACK", default=False)
if PRODUCTION and WEBHOOK_ALLOW_LOOPBACK:
    raise InvalidSetting(
        "WEBHOOK_ALLOW_LOOPBACK is on in production: clients could reach what listens on this"
        " machine only. Remove it."
    )
# The hosts from which the pictures of products are fetched, each with the hosts below it.
PICTURE_HOSTS = env.names("PICTURE_HOSTS")
if wrong := [host for host in PICTURE_HOSTS if not re.fullmatch(r"[\w-]+(\.[\w-]+)+", host, re.A)]:
    raise InvalidSetting(
        f"PICTURE_HOSTS has {wrong[0]!r}: list names of hosts, such as img.example.com."
    )
# Fetch files from this machine, too, and without TLS.
FETCH_ALLOW_LOOPBACK = env.boolean("FETCH_ALLOW_LOOPBACK", default=False)
if PRODUCTION and FETCH_ALLOW_LOOPBACK:
    raise InvalidSetting(
        "FETCH_ALLOW_LOOPBACK is on in production: addresses of pictures could reach what listens"
        " on this machine only. Remove it."
    )
REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_RENDERER_CLASSES": ["api.renderers.JsonRenderer"],
    "DEFAULT_PARSER_CLASSES": ["api.renderers.JsonParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": ["api.callers.HasScope"],
    "DEFAULT_THROTTLE_CLASSES": ["api.throttling.CallerThrottle"],
    "DEFAULT_PAGINATION_CLASS": "api.pagination.CursorPages",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "api.problems.handle_exception",
    "UNAUTHENTICATED_USER": None,
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Twotier",
    "VERSION": "1",
    "LICENSE": {"name": "Apache 2.0", "identifier": "Apache-2.0"},
    "SERVERS": [{"url": "/"}],
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PUBLIC": True,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    # Choices of fields with one name: the names in the schema stay when others are added.
    "ENUM_NAME_OVERRIDES": {
        "ApplicationStatus": "distribution.models.Application.Status",
        "AssetKind": "ledger.chart.Asset",
        "AwardStatus": "incentives.models.Award.Status",
        "AuthorizationStatus": "withdrawals.models.PayoutAuthorization.Status",
        "ClaimReason": "commissions.models.Claim.Reason",
        "ClaimStatus": "commissions.models.Claim.Status",
        "CouponKind": "promotions.models.Coupon.Kind",
        "CouponScope": "promotions.models.Coupon.Scope",
        "CouponStatus": "promotions.models.GrantState",
        "CommissionStatus": "commissions.api.commissions.STATES",
        "DistributorStatus": "distribution.models.Distributor.Status",
        "ShareKind": "sharing.models.Share.Target",
        "ShareChannel": "sharing.models.Share.Channel",
        "NewShareChannel": "sharing.api.shares.CHANNELS",
        "NotCountedReason": "incentives.overview.not_counted.REASONS",
        "OwnFriendState": "incentives.api.answers.OWN_STATES",
        "PayoutChannel": "withdrawals.models.Payee.Channel",
        "PosterKind": "posters.models.PosterTemplate.Kind",
        "SkuKind": "catalog.models.Sku.Kind",
        "QuestionKind": "distribution.models.Question.Kind",
        "RewardKind": "incentives.models.Reward.Kind",
        "RowStatus": "integration.api.rows.STATUSES",
        "BlockKind": "materials.rules.BLOCK_KINDS",
        "ReferredFriendState": "incentives.api.answers.FRIEND_STATES",
        "MaterialKind": "materials.models.Material.Kind",
        "MaterialFileKind": "materials.models.MaterialFile.Kind",
        "HoldReason": "commissions.models.CommissionHold.Reason",
        "OrderStatus": "orders.models.Order.Status",
        "UploadPurpose": "members.models.Upload.Purpose",
        "TransferReason": "ledger.chart.Reason",
        "WithdrawalStatus": "withdrawals.models.Withdrawal.Status",
        "EndpointStatus": "webhooks.api.bodies.ENDPOINT_STATUSES",
        "DeliveryStatus": "webhooks.api.bodies.DELIVERY_STATUSES",
        "EventName": "webhooks.catalogue.TYPES",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "api.schema.add_problems",
        "webhooks.schema.add_webhooks",
    ],
}

# Language
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
CONSOLE_LANGUAGE = env.choice(
    "TWOTIER_CONSOLE_LANGUAGE", default="en", choices=tuple(code for code, _name in LANGUAGES)
)
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["backoffice.formats"]  # 2026-11-26 12:15 in every language
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"  # for display; stored in UTC

# Files
# Where clients and WeChat reach us, for addresses of avatars.
_host = ALLOWED_HOSTS[0]
PUBLIC_URL = (
    env.url("PUBLIC_URL", schemes=("https", "http"))
    or (f"https://{_host}" if PRODUCTION and _host[0] not in "*." else "http://localhost:8000")
).rstrip("/")
_data = Path("/var/lib/twotier") if PRODUCTION else SERVER_PAIR.home
MEDIA_ROOT = Path(env.text("MEDIA_ROOT") or _data / "media")
FILE_UPLOAD_PERMISSIONS = 0o640
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles" if PRODUCTION else None  # otherwise served from their source
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = not PRODUCTION
# Where files are stored: in MEDIA_ROOT, or in a bucket of any service that speaks S3.
MEDIA_STORAGE = env.choice("MEDIA_STORAGE", default="local", choices=("local", "s3"))
S3_ENDPOINT_URL = env.url("S3_ENDPOINT_URL", schemes=("https", "http"))
S3_BUCKET = env.text("S3_BUCKET")
S3_ACCESS_KEY_ID = env.text("S3_ACCESS_KEY_ID")
S3_SECRET_ACCESS_KEY = env.text("S3_SECRET_ACCESS_KEY")
S3_REGION = env.text("S3_REGION")
S3_ADDRESSING = env.choice("S3_ADDRESSING", default="auto", choices=("auto", "path", "virtual"))
# Where browsers get public files of the bucket; without it, from signed addresses.
S3_PUBLIC_URL = env.url("S3_PUBLIC_URL", schemes=("https", "http")).rstrip("/")
if MEDIA_STORAGE == "s3":
    for _name in ("ENDPOINT_URL", "BUCKET", "ACCESS_KEY_ID", "SECRET_ACCESS_KEY"):
        env.required(f"S3_{_name}", "MEDIA_STORAGE=s3 needs it.")
STORAGES: dict[str, Any] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "common.static_files.ModuleStorage"
            if PRODUCTION
            else "django.contrib.staticfiles.storage.StaticFilesStorage"
        )
    },
}

_buckets: list[str] = []  # where addresses of public files lead to
if MEDIA_STORAGE == "s3":
    STORAGES["default"] = {"BACKEND": "common.buckets.Bucket"}
    _public = urlsplit(S3_PUBLIC_URL or S3_ENDPOINT_URL)
    _buckets = [f"{_public.scheme}://{_public.netloc}"]
    if not S3_PUBLIC_URL:
        _buckets.append(f"{_public.scheme}://{S3_BUCKET}.{_public.netloc}")

# The largest body of a request. The proxy's limit in docs/deployment.md and the size of /tmp in
# docker-compose.yml follow from it.
MAX_REQUEST_SIZE = 20 * 2**20
FILE_UPLOAD_HANDLERS = [
    "config.request_limits.LimitedUploadHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

# Security. TLS ends at the proxy, whose header is trusted only if configured.
BEHIND_TLS_PROXY = env.boolean("TWOTIER_BEHIND_TLS_PROXY", default=PRODUCTION)
# Addresses of clients: the last one that the proxy has added, or that of the connection.
REST_FRAMEWORK["NUM_PROXIES"] = 1 if BEHIND_TLS_PROXY else 0
if BEHIND_TLS_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    # Called from inside, without TLS.
    SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz|statusz|metrics)$"]
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'", "'unsafe-eval'"],  # the admin's Alpine evaluates its attributes
        "style-src": ["'self'", "'unsafe-inline'"],
        "img-src": ["'self'", "data:", *_buckets],
        "object-src": ["'none'"],
        "base-uri": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}

# Logs
LOG_JSON = env.boolean("TWOTIER_LOG_JSON", default=PRODUCTION)
LOG_TASKS = env.boolean("TWOTIER_LOG_TASKS", default=False)
DJANGO_STRUCTLOG_CELERY_ENABLED = True
DJANGO_STRUCTLOG_TRUST_UPSTREAM_REQUEST_ID = True  # RequestIdMiddleware has validated it
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False  # an address is personal data
LOGGING_CONFIG = "config.logs.configure"

env.refuse_unknown()
