"""The part of S4 over HTTP: picture files in, vectors of MobileNetV2 out, beside a Python service of the same model."""

from __future__ import annotations

import http.client
import json
import math
import os
import signal
import socket
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from analyse import PEERS_FOLDER
from measure import Failed, median, run
from peer_install import Peers
from section import Table, Verdict, seconds, three, times

MODEL, PRODUCER, GRAPH = "mobilenet-v2", "mobilenet_v2_quant@1", "mobilenet_v2_tags1001_emb1280.onnx"
# Pictures asked for in a round, over so many connections at a time.
REQUESTS, CONNECTIONS = 160, 8
BOUNDARY = "tintype-bench"
OURS = "Tintype"


@dataclass
class Service:
    """How a service is started on a port, and asked for the vector of a picture."""

    command: list
    path: str
    parts: dict[str, str]
    environment: dict[str, str]


def embedding_over_http(tintype: Path, peers: Peers, library: str | None, models: Path, photos: list[Path], count: int, work: Path,
                        say) -> tuple[Table, list[Verdict], list[str]]:
    bodies = [photo.read_bytes() for photo in photos]
    rates: dict[str, list[float]] = {}
    waits: dict[str, list[float]] = {}
    vectors: dict[str, list[list[float]]] = {}
    with tempfile.TemporaryDirectory(dir=work) as folder:
        environment = {"TINTYPE__MODELS__MIRROR": str(models)} | ({"TINTYPE__MODELS__ONNXRUNTIME": library} if library else {})
        run([tintype, "--data", folder, "models", "pull", MODEL], env=environment)
        services = {OURS: Service([tintype, "serve", "--data", folder, "--no-open", "--listen", "127.0.0.1:{port}"], "/api/v1/embed",
                                  {"kind": "scene_embedding", "producer": PRODUCER}, environment)}
        if library and "FastAPI" in peers.versions:
            graph = next((path for path in models.rglob(GRAPH)), None)
            for workers in (1, 2):
                services[f"FastAPI, {'one process' if workers == 1 else 'two processes'}"] = Service(
                    [peers.python, "-m", "uvicorn", "service:app", "--app-dir", PEERS_FOLDER, "--port", "{port}", "--workers", workers,
                     "--log-level", "warning"], "/embed", {}, {"GRAPH": str(graph)})
        for round_ in range(1, count + 1):
            for name, service in services.items():
                say(f"round {round_} of {count}: service, {name}")
                with Started(service) as port:
                    # Models are loaded by the first pictures, in every process.
                    vectors[name] = [answer for answer, _ in asked(port, service, bodies, len(bodies))]
                    asked(port, service, bodies, 4 * CONNECTIONS)
                    started = time.perf_counter()
                    took = [wait for _, wait in asked(port, service, bodies, REQUESTS)]
                    rates.setdefault(name, []).append(REQUESTS / (time.perf_counter() - started))
                    waits.setdefault(name, []).append(median(took))

    table = Table(["pictures to vectors over HTTP", "pictures/s", "median answer", "Tintype is faster by"])
    theirs = [name for name in services if name != OURS]
    ratio = {name: median(o / t for o, t in zip(rates[OURS], rates[name], strict=True)) for name in theirs}
    for name in services:
        table.rows.append([name, three(median(rates[name])), seconds(median(waits[name])), times(ratio[name]) if name in ratio else ""])
    least = min(ratio.values(), default=None)
    verdicts = [Verdict("≥ 2 × a Python service's throughput, mobilenet-v2", times(least) if least else "not measured",
                        least >= 2 if least else None)]
    bytes_ = sum(map(len, bodies)) / len(bodies)
    notes = [f"Over HTTP: {len(bodies)} JPEGs of {bytes_ / 1e6:.1f} MB on average, {REQUESTS} requests over {CONNECTIONS} connections, both CPUs, the client beside "
             "them. The Python service decodes with OpenCV and runs the same graph in the same library, one thread a request, as FastAPI's "
             "thread pool has it."]
    if theirs:
        alike = min(dot(ours, other) for ours, other in zip(vectors[OURS], vectors[theirs[0]], strict=True))
        notes[0] += f" The vectors of both agree (least cosine {alike:.3f}; Tintype decodes at a reduced scale)."
    return table, verdicts, notes


def asked(port: int, service: Service, bodies: list[bytes], number: int) -> list[tuple[list[float], float]]:
    """The vectors of `number` pictures in turn, each with the seconds that it took."""
    answers: list = [None] * number
    failures: list[str] = []

    def client(first: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
        for at in range(first, number, CONNECTIONS):
            body = form(service.parts, bodies[at % len(bodies)])
            started = time.perf_counter()
            try:
                connection.request("POST", service.path, body, headers)
                answer = connection.getresponse()
                text = answer.read()
                if answer.status != 200:
                    raise OSError(f"status {answer.status}: {text[:200]!r}")
            except (OSError, http.client.HTTPException) as error:
                failures.append(str(error))
                return
            answers[at] = (json.loads(text)["vectors"][0], time.perf_counter() - started)

    clients = [threading.Thread(target=client, args=(first,)) for first in range(CONNECTIONS)]
    for one in clients:
        one.start()
    for one in clients:
        one.join()
    if failures:
        raise Failed(f"a service failed: {failures[0]}")
    return answers


def form(parts: dict[str, str], picture: bytes) -> bytes:
    """`multipart/form-data` with a file `image`."""
    head = "".join(f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in parts.items())
    head += f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="image"; filename="photo.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
    return head.encode() + picture + f"\r\n--{BOUNDARY}--\r\n".encode()


def dot(one: list[float], other: list[float]) -> float:
    return math.fsum(a * b for a, b in zip(one, other, strict=True))


class Started:
    """A service on a free port until the end of the block; its processes go with it."""

    def __init__(self, service: Service):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        command = [str(part).replace("{port}", str(self.port)) for part in service.command]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                        env={**os.environ, **service.environment}, start_new_session=True)

    def __enter__(self) -> int:
        until = time.monotonic() + 60
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=5).close()
                return self.port
            except OSError:
                if self.process.poll() is not None or time.monotonic() > until:
                    self.__exit__()
                    raise Failed("a service did not start") from None
                time.sleep(0.02)

    def __exit__(self, *_) -> None:
        for last in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self.process.pid, last)
                self.process.wait(20)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                continue
            return
