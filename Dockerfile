# One image for web server and worker; compose.yaml says how they run.
FROM python:3.11-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /build
RUN python -m venv /opt/staffroom
COPY requirements.lock .
RUN /opt/staffroom/bin/pip install --require-hashes --no-deps --requirement requirements.lock
COPY pyproject.toml requirements-test.lock README.md LICENSE ./
COPY forum forum
COPY templates templates
COPY static static
COPY migrations migrations
# The tools that build the wheel have the versions the tests ran with.
RUN sed '/--hash/d; s/ \\$//' requirements-test.lock > versions.txt \
    && PIP_CONSTRAINT=versions.txt pip wheel --no-deps --wheel-dir wheels . \
    && /opt/staffroom/bin/pip install --no-deps wheels/*.whl

FROM python:3.11-slim
COPY --from=build /opt/staffroom /opt/staffroom
RUN useradd --system --create-home --home-dir /srv/staffroom staffroom
USER staffroom
WORKDIR /srv/staffroom
ENV PATH=/opt/staffroom/bin:$PATH PYTHONUNBUFFERED=1 FORUM_HOST=0.0.0.0
EXPOSE 8000
CMD ["forum", "serve"]
