"""OpenTelemetry traces over HTTP and messages: W3C trace context goes with every request and every event.

Spans are recorded only where an exporter is configured by OpenTelemetry's own variables (`OTEL_TRACES_EXPORTER`,
`OTEL_EXPORTER_OTLP_ENDPOINT`, and the exporter's package); the context is passed on in any case.
"""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import entry_points

from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

_propagator = TraceContextTextMapPropagator()


class ExporterMissing(SystemExit):
    """OTEL_TRACES_EXPORTER names an exporter whose package is not installed."""


def configure(service: str) -> None:
    """Turns recording on where the environment names an exporter; raises ExporterMissing where it is not installed."""
    name = os.environ.get("OTEL_TRACES_EXPORTER", "none")
    if name == "none":
        return
    found = list(entry_points(group="opentelemetry_traces_exporter", name=name))
    if not found:
        raise ExporterMissing(f"cannot start: OTEL_TRACES_EXPORTER is {name}, and no installed package provides it")
    provider = TracerProvider(resource=Resource.create({"service.name": service}))
    provider.add_span_processor(BatchSpanProcessor(found[0].load()()))
    trace.set_tracer_provider(provider)


@contextmanager
def span(name: str, kind: SpanKind, traceparent: str) -> Iterator[str]:
    """A span that goes on from `traceparent` (empty: a new trace). Yields the traceparent to pass on."""
    parent = _propagator.extract({"traceparent": traceparent}) if traceparent else None
    with trace.get_tracer("atrium").start_as_current_span(name, context=parent, kind=kind) as current:
        if not current.get_span_context().is_valid:
            yield traceparent or _new_traceparent()
            return
        carrier: dict[str, str] = {}
        _propagator.inject(carrier)
        yield carrier["traceparent"]


def _new_traceparent() -> str:
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-00"
