"""Closed-loop load on the ports of one server: by `wrk` where it is installed, else by our own client."""

import json
import shutil
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path

from bench import client
from bench.harness import Sample
from bench.processes import Meter

_SCRIPT = Path(__file__).with_name("requests.lua")
WITHOUT_WRK = (
    "wrk is not installed (Debian, Ubuntu: apt-get install wrk; macOS: brew install wrk). Load comes from a client in"
    " Python, whose own CPU takes part of the machine: the rates are lower, on both sides."
)


def has_wrk() -> bool:
    """Whether `wrk` is on the PATH."""
    return shutil.which("wrk") is not None


def get(path: str, token: str = "") -> bytes:
    """A GET as it travels."""
    return prepared("GET", path, token=token)


def prepared(
    method: str, path: str, *, token: str = "", body: bytes = b"", headers: Sequence[tuple[str, str]] = ()
) -> bytes:
    """A request as it travels over a kept connection."""
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost"]
    if token:
        lines.append(f"Authorization: Bearer {token}")
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


def closed_loop(
    folder: Path,
    ports: Sequence[int],
    requests: Sequence[bytes],
    *,
    connections: int,
    seconds: float,
    meter: Meter | None = None,
) -> Sample:
    """Rate and latencies of `connections` in all, spread evenly over the ports: a gthread worker keeps the connections
    that it has accepted, so that with one port for several workers chance would decide who works."""
    share = max(1, connections // len(ports))
    if meter:
        meter.start()
    results: list[dict[str, float]] = []

    def one(number: int, port: int) -> None:
        offset = number * len(requests) // len(ports)
        measure = _by_wrk if has_wrk() else _by_client
        results.append(measure(folder, port, requests, offset, share, seconds))

    threads = [threading.Thread(target=one, args=(number, port)) for number, port in enumerate(ports)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if len(results) < len(ports):
        raise RuntimeError("a load generator failed; its message is above")
    done = sum(result["requests"] for result in results)
    return Sample(
        values={
            "rate": sum(result["requests"] / result["seconds"] for result in results),
            **{name: max(result[name] for result in results) for name in ("p50", "p95", "p99")},
        },
        errors=int(sum(result["status"] + result["broken"] for result in results)),
        cpu_ms=meter.per_operation(done) if meter else {},
    )


def _by_wrk(
    folder: Path, port: int, requests: Sequence[bytes], offset: int, connections: int, seconds: float
) -> dict[str, float]:
    path = folder / f"requests-{port}"
    with path.open("wb") as file:
        for request in requests:
            file.write(b"%d\n" % len(request) + request)
    command = ["wrk", "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "-s", str(_SCRIPT)]
    told = subprocess.run(
        [*command, f"http://127.0.0.1:{port}", "--", str(path), str(offset)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if told.returncode:
        raise RuntimeError(f"wrk: {told.stdout}{told.stderr}")
    result: dict[str, float] = json.loads(told.stdout.strip().splitlines()[-1])
    return result


def _by_client(
    _folder: Path, port: int, requests: Sequence[bytes], offset: int, connections: int, seconds: float
) -> dict[str, float]:
    turned = [*requests[offset:], *requests[:offset]]
    answers = client.as_fast_as_answered(port, turned, seconds, connections)
    return {
        "requests": len(answers.latencies),
        "seconds": answers.seconds,
        "p50": answers.percentile(50),
        "p95": answers.percentile(95),
        "p99": answers.percentile(99),
        "status": answers.refused,
        "broken": answers.broken,
    }
