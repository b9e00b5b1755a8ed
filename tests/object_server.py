"""A server that speaks S3, on this machine, in a process of its own."""

from __future__ import annotations

import importlib.util
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

IS_INSTALLED = all(importlib.util.find_spec(name) for name in ("moto", "flask_cors", "s3fs"))
REASON = "needs moto, flask-cors and s3fs, of the development group"


@contextmanager
def serving_objects() -> Iterator[dict[str, str]]:
    """Start the server, and give the environment in which it is found."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_DEFAULT_REGION": "us-east-1",
        "NO_PROXY": "127.0.0.1",
    }
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    server = subprocess.Popen(
        command, env={**os.environ, **environment}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        end = time.monotonic() + 60
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.05)
        yield environment
    finally:
        if "s3fs" in sys.modules:
            # it would go on asking this server
            sys.modules["s3fs"].S3FileSystem.clear_instance_cache()
        server.kill()
        server.wait()
