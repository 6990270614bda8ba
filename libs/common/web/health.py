"""`/healthz` (the process lives), `/readyz` (it can serve), `/metrics` (Prometheus)."""

from flask import Flask, Response
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from common import metrics
from common.provision import newest_revision
from common.service import Service
from common.web.problems import problem


def install(app: Flask, service: Service) -> None:
    """Adds the three addresses, which need no token and show nothing of a customer."""
    newest = newest_revision(service.name) if service.database else None

    @app.get("/healthz")
    def healthz() -> Response:
        return Response('{"status":"alive"}', content_type="application/json")

    @app.get("/readyz")
    def readyz() -> Response:
        # Never the broker: a web process serves while it is down.
        if service.database is not None:
            try:
                with service.database.transaction() as session:
                    present = session.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
            except SQLAlchemyError:
                return problem(503, "not_ready", "The database does not answer.")
            if present != newest:
                return problem(503, "not_ready", f"The database is at migration {present}, this code needs {newest}.")
        return Response('{"status":"ready"}', content_type="application/json")

    @app.get("/metrics")
    def metrics_page() -> Response:
        return Response(metrics.render(), content_type="text/plain; version=0.0.4; charset=utf-8")
