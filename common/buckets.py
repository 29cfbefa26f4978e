"""Store files in a bucket of a service that speaks S3: see docs/deployment.md."""

from __future__ import annotations

from botocore.config import Config
from django.conf import settings
from storages.backends.s3 import S3Storage

SIGNED_SECONDS = 3_600
"""How long a signed address works."""


class Bucket(S3Storage):  # type: ignore[misc]  # the library carries no types
    """The bucket of the settings ``S3_…``."""

    def __init__(self) -> None:
        super().__init__(
            bucket_name=settings.S3_BUCKET,
            endpoint_url=settings.S3_ENDPOINT_URL,
            access_key=settings.S3_ACCESS_KEY_ID,
            secret_key=settings.S3_SECRET_ACCESS_KEY,
            region_name=settings.S3_REGION or None,
            querystring_expire=SIGNED_SECONDS,
            client_config=Config(
                signature_version="s3v4",
                s3={"addressing_style": settings.S3_ADDRESSING},
                connect_timeout=5,
                read_timeout=20,
                retries={"max_attempts": 3, "mode": "standard"},
                # Other services than Amazon's do not know its newer checksums.
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        )
