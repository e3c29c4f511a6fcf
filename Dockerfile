# The service with the default embedder; no torch, no key, no hub.
FROM python:3.11-slim AS build
WORKDIR /src
COPY requirements.lock pyproject.toml README.md LICENSE souffleur.py ./
COPY api api
COPY assistant assistant
COPY eval eval
COPY kb_ingest kb_ingest
COPY prompts prompts
RUN python -m venv /opt/souffleur \
 && /opt/souffleur/bin/pip install --no-cache-dir --constraint requirements.lock .

FROM python:3.11-slim
RUN useradd --create-home --uid 10001 souffleur && mkdir /data && chown souffleur /data
COPY --from=build /opt/souffleur /opt/souffleur
ENV PATH=/opt/souffleur/bin:$PATH \
    SOUFFLEUR_DATA_DIR=/data \
    SOUFFLEUR_MODEL_CACHE=/opt/souffleur/models
# Unpack the embedder while building, so that a container starts at once.
RUN python -c "from assistant.settings import load_settings; from assistant.wiring import build_embedder; build_embedder(load_settings())" \
 && chown -R souffleur /opt/souffleur/models
USER souffleur
VOLUME /data
EXPOSE 8000
HEALTHCHECK CMD python -c "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/healthz')"
# Listening beyond the container needs SOUFFLEUR_API_KEYS; the service refuses otherwise.
CMD ["souffleur", "serve", "--host", "0.0.0.0", "--port", "8000"]
