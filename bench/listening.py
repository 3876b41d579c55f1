"""A server under measurement: started on a free port, waited for, and ended with all of its processes."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time

from measure import Failed


class Listening:
    """Runs `command`, in which `{port}` stands for the port, until the end of the block."""

    def __init__(self, command: list, environment: dict[str, str] | None = None):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.command = [str(part).replace("{port}", str(self.port)) for part in command]
        # A group of its own, so that workers go with the process that started them.
        self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                        env={**os.environ, **(environment or {})}, start_new_session=True)

    def __enter__(self) -> Listening:
        until = time.monotonic() + 60
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=5).close()
                return self
            except OSError:
                if self.process.poll() is not None or time.monotonic() > until:
                    self.__exit__()
                    raise Failed(f"{self.command[0]} did not start") from None
                time.sleep(0.005)

    def __exit__(self, *_) -> None:
        for last in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self.process.pid, last)
                self.process.wait(30)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                continue
            return
