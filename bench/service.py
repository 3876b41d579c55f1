"""The part of S4 over HTTP: picture files in, vectors of MobileNetV2 out, beside a Python service of the same model."""

from __future__ import annotations

import http.client
import json
import math
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from analyse import PEERS_FOLDER
from listening import Listening
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


def embedding_over_http(tintype: Path, peers: Peers, library: str | None, models: Path, sets: dict[str, list[Path]], count: int,
                        work: Path, say) -> tuple[Table, list[Verdict], list[str]]:
    """Measured on each of `sets`, photos by what they are called."""
    table = Table(["pictures to vectors over HTTP", "program", "pictures/s", "median answer", "Tintype is faster by"])
    verdicts, notes = [], []
    with tempfile.TemporaryDirectory(dir=work) as folder:
        environment = {"TINTYPE__MODELS__MIRROR": str(models)} | ({"TINTYPE__MODELS__ONNXRUNTIME": library} if library else {})
        run([tintype, "--data", folder, "models", "pull", MODEL], env=environment)
        services = {OURS: Service([tintype, "serve", "--data", folder, "--no-open", "--listen", "127.0.0.1:{port}"], "/api/v1/embed",
                                  {"kind": "scene_embedding", "producer": PRODUCER}, environment)}
        graph = next(models.rglob(GRAPH), None)
        if library and graph and "FastAPI" in peers.versions:
            for workers, words in ((1, "one process"), (2, "two processes")):
                command = [peers.python, "-m", "uvicorn", "embedding_service:app", "--app-dir", PEERS_FOLDER, "--port", "{port}",
                           "--workers", workers, "--log-level", "warning"]
                services[f"FastAPI, {words}"] = Service(command, "/embed", {}, {"GRAPH": str(graph)})
        for title, photos in sets.items():
            rates, waits, alike = _measure(services, [photo.read_bytes() for photo in photos], count, title, say)
            ratio = {name: median(o / t for o, t in zip(rates[OURS], rates[name], strict=True)) for name in services if name != OURS}
            for name in services:
                faster = times(ratio[name]) if name in ratio else ""
                table.rows.append([title, name, three(median(rates[name])), seconds(median(waits[name])), faster])
            least = min(ratio.values(), default=None)
            verdicts.append(Verdict(f"≥ 2 × a Python service's throughput, mobilenet-v2, {title}", times(least) if least else "not measured",
                                    least >= 2 if least else None))
            mean = sum(photo.stat().st_size for photo in photos) / len(photos)
            notes.append(f"Over HTTP, {title}: {len(photos)} JPEGs of {mean / 1e6:.2f} MB on average"
                         + (f"; least cosine between the vectors of both {alike:.3f}." if alike is not None else "."))
    notes.append(f"Over HTTP: {REQUESTS} requests a round over {CONNECTIONS} connections, both CPUs, the client beside them. The Python "
                 "service decodes whole pictures with OpenCV and runs the same graph in the same library, one thread a request, as "
                 "FastAPI's thread pool has it; Tintype decodes at a reduced scale.")
    return table, verdicts, notes


def _measure(services: dict[str, Service], bodies: list[bytes], count: int, title: str, say) -> tuple[dict, dict, float | None]:
    """Pictures a second and seconds an answer by service, a number a round; and how alike the vectors of the first two are at least."""
    rates: dict[str, list[float]] = {}
    waits: dict[str, list[float]] = {}
    vectors: dict[str, list[list[float]]] = {}
    for round_ in range(1, count + 1):
        for name, service in services.items():
            say(f"round {round_} of {count}: {title}, {name}")
            with Listening(service.command, service.environment) as server:
                # Models are loaded by the first pictures, in every process.
                vectors[name] = [answer for answer, _ in asked(server.port, service, bodies, len(bodies))]
                asked(server.port, service, bodies, 4 * CONNECTIONS)
                started = time.perf_counter()
                took = [wait for _, wait in asked(server.port, service, bodies, REQUESTS)]
                rates.setdefault(name, []).append(REQUESTS / (time.perf_counter() - started))
                waits.setdefault(name, []).append(median(took))
    first = list(vectors.values())[:2]
    alike = min(dot(one, other) for one, other in zip(*first, strict=True)) if len(first) == 2 else None
    return rates, waits, alike


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
