"""What every contender of `bench peers` in Python does: reads the common start, does steps when told, reports.

One JSON object a line. First comes {"event": "ready", …} after the first step. Then, for {"run": seconds}, whole training
steps are done for at least that long, and {"event": "round", …} answers; for {"quit": true} {"event": "done", …}.
"""

import argparse
import json
import os
import resource
import sys
import time
from dataclasses import dataclass
from typing import Callable

import numpy as np

MOMENTUM = 0.9
WEIGHT_DECAY = 5e-4


@dataclass
class Start:
    """Where all contenders start: initial weights under the names and in the layouts of packages/models, one batch."""

    weights: dict[str, np.ndarray]
    images: np.ndarray
    labels: np.ndarray


@dataclass
class Contender:
    """A network ready to train. `step(rate)` does one whole training step and returns the loss before the update."""

    step: Callable[[float], float]
    parameters: int
    versions: dict[str, str]
    settings: str


def serve(build: Callable[[argparse.Namespace, Start], Contender], modes: list[str]) -> None:
    """Runs a contender until standard input ends. Whatever the framework prints goes to standard error."""
    arguments = parse_arguments(modes)
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)

    def answer(**event: object) -> None:
        answers.write(json.dumps(event) + "\n")

    begun = time.perf_counter()
    contender = build(arguments, read_start(arguments.start))
    loss = contender.step(learning_rate(0))
    answer(
        event="ready",
        secondsFirstStep=time.perf_counter() - begun,
        loss=loss,
        parameters=contender.parameters,
        versions=contender.versions,
        settings=contender.settings,
    )
    done = 1
    for line in sys.stdin:
        request = json.loads(line)
        if "quit" in request:
            answer(event="done", peakRssBytes=peak_rss_bytes())
            return
        round = run_round(contender.step, done, request["run"])
        done += round["steps"]
        answer(event="round", **round)


def parse_arguments(modes: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("mode", choices=modes)
    parser.add_argument("--model", required=True)
    parser.add_argument("--start", required=True, help="a safetensors file: initial weights, `images`, `labels`")
    parser.add_argument("--threads", type=int, required=True)
    return parser.parse_args()


def run_round(step: Callable[[float], float], done: int, seconds: float) -> dict:
    begun, cpu_begun = time.perf_counter(), time.process_time()
    steps = 0
    while steps == 0 or time.perf_counter() - begun < seconds:
        loss = step(learning_rate(done + steps))
        steps += 1
    elapsed = time.perf_counter() - begun
    return {"steps": steps, "seconds": elapsed, "cpuSeconds": time.process_time() - cpu_begun, "loss": loss}


def learning_rate(step: int) -> float:
    """Another rate at every step, as a schedule has it; the first one is large enough to show in the second loss."""
    return 0.02 if step == 0 else 0.001 * (1 + step % 10 / 10)


def read_start(path: str) -> Start:
    """Reads float32 safetensors: an 8-byte little-endian header length, a JSON header, the values."""
    data = np.fromfile(path, dtype=np.uint8)
    header_bytes = int(data[:8].view("<u8")[0])
    header = json.loads(data[8 : 8 + header_bytes].tobytes())
    header.pop("__metadata__", None)
    values = data[8 + header_bytes :]

    def tensor(entry: dict) -> np.ndarray:
        begin, end = entry["data_offsets"]
        return values[begin:end].view("<f4").reshape(entry["shape"]).copy()

    tensors = {name: tensor(entry) for name, entry in header.items()}
    images, labels = tensors.pop("images"), tensors.pop("labels")
    return Start(tensors, images, labels.astype(np.int64))


def peak_rss_bytes() -> int:
    """Linux counts what the parent held at the fork into ru_maxrss, so VmHWM where there is one."""
    try:
        with open("/proc/self/status") as status:
            return next(1024 * int(line.split()[1]) for line in status if line.startswith("VmHWM:"))
    except (OSError, StopIteration):
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else 1024 * peak
