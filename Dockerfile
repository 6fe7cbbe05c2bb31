# One image for every process of Quorum; docker-compose.yml says which one a container is.
FROM python:3.12-slim

RUN pip install --no-cache-dir uv

# Nobody works as root; the home is the only place that is written.
RUN useradd --create-home --uid 1000 quorum && \
    install -d -o quorum -g quorum -m 700 /var/lib/quorum /var/lib/quorum/prefect \
    /var/lib/quorum/logs /var/lib/quorum/results /var/lib/quorum/secrets
WORKDIR /app
USER quorum

COPY --chown=quorum pyproject.toml uv.lock README.md LICENSE ./
RUN uv sync --locked --no-dev --no-install-project
COPY --chown=quorum . .
RUN uv sync --locked --no-dev

ENV PATH=/app/.venv/bin:$PATH QUORUM_HOME=/var/lib/quorum
ENTRYPOINT ["quorum"]
