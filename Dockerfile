# One image per service: docker build --build-arg SERVICE=customer .
ARG PYTHON=3.12
FROM python:${PYTHON}-slim AS build
ARG SERVICE
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /build
COPY requirements-build.lock services/${SERVICE}/requirements.lock ./
RUN python -m pip install --quiet --require-hashes -r requirements-build.lock \
 && python -m venv --without-pip /opt/venv \
 && python -m pip --python /opt/venv/bin/python install --quiet --require-hashes --only-binary :all: -r requirements.lock
COPY pyproject.toml README.md ./
COPY libs libs
COPY services/${SERVICE} services/${SERVICE}
RUN python -m hatchling build -t wheel \
 && python -m pip --python /opt/venv/bin/python install --quiet --no-deps --no-index dist/*.whl \
 && printf '#!/opt/venv/bin/python\nfrom runpy import run_module\n\nrun_module("%s", run_name="__main__", alter_sys=True)\n' \
      "$SERVICE" > /opt/venv/bin/service \
 && chmod 755 /opt/venv/bin/service

FROM python:${PYTHON}-slim
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    CONTRACTS_DIR=/app/contracts HOST=0.0.0.0 PORT=8000
WORKDIR /app
COPY --from=build /opt/venv /opt/venv
COPY contracts contracts
USER 10001:10001
EXPOSE 8000
# Exec form: the process is number 1 and gets the signals. The role follows: api, worker, migrate, …
ENTRYPOINT ["/opt/venv/bin/service"]
CMD ["api"]
