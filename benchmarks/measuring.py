"""One measurement: each contender in processes of its own, ours and the peer's turn and turn about."""

from __future__ import annotations

import importlib
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Arrays = dict[str, npt.NDArray[Any]]
_ROOT = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Task:
    """What a contender does in its own process.

    ``run`` is timed; ``outcome`` turns what it returns into arrays that can be held against the other's. A contender
    is a function that takes the folder of the data, imports and loads what it needs, and returns a Task.
    """

    run: Callable[[], Any]
    outcome: Callable[[Any], Arrays]


@dataclass(slots=True)
class Timed:
    """A contender's seconds of every run, peak memory of its processes in MB, and what it found.

    ``cpu``: the processor's seconds, which a busy machine stretches far less than those of the clock.
    """

    seconds: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    peak_mb: float = 0.0
    loaded_mb: float = 0.0
    outcome: Arrays = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return {
            "seconds": {
                "median": _digits(statistics.median(self.seconds)),
                "min": _digits(min(self.seconds)),
                "max": _digits(max(self.seconds)),
                "n": len(self.seconds),
            },
            "cpu_seconds": _digits(statistics.median(self.cpu)),
            "peak_mb": round(self.peak_mb, 1),
            "loaded_mb": round(self.loaded_mb, 1),
        }


@dataclass(frozen=True, slots=True)
class Plan:
    """How often: so many processes of a contender, and so many timed runs in each, after one that is not counted."""

    contender: str
    processes: int = 3
    repeats: int = 1
    warm_up: bool = True


def compare(plans: Sequence[Plan], data: Path) -> dict[str, Timed]:
    """Run the contenders' processes in turn, each as often as its plan says; return what came of each."""
    found = {plan.contender: Timed() for plan in plans}
    for turn in range(max(plan.processes for plan in plans)):
        for plan in plans:
            if turn < plan.processes:
                _add(found[plan.contender], in_own_process(plan, data), data)
    return found


def pair(name: str, size: int, mine: Timed, peer: Timed, peer_name: str) -> dict[str, Any]:
    """Return the JSON line of two contenders."""
    ours_json, peer_json = mine.to_json(), peer.to_json()
    return {
        "name": name,
        "size": size,
        "ours": ours_json,
        "peer": {"name": peer_name, **peer_json},
        "times_as_fast": round(peer_json["seconds"]["median"] / ours_json["seconds"]["median"], 1),
        "times_as_fast_cpu": round(peer_json["cpu_seconds"] / ours_json["cpu_seconds"], 1),
        "share_of_peak_memory": round(mine.peak_mb / peer.peak_mb, 3),
    }


def in_own_process(plan: Plan, data: Path) -> dict[str, Any]:
    """Run one process of a contender and return its line. Raises CalledProcessError where it fails."""
    command = [sys.executable, "-m", "benchmarks.measuring", plan.contender, str(data)]
    command += [str(plan.repeats), str(int(plan.warm_up))]
    done = subprocess.run(command, cwd=_ROOT, stdout=subprocess.PIPE, check=True, text=True)
    line: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return line


def _add(timed: Timed, line: Mapping[str, Any], data: Path) -> None:
    timed.seconds += line["seconds"]
    timed.cpu += line["cpu"]
    timed.peak_mb = max(timed.peak_mb, line["peak_mb"])
    timed.loaded_mb = max(timed.loaded_mb, line["loaded_mb"])
    if not timed.outcome:
        with np.load(data / line["outcome"]) as saved:
            timed.outcome = dict(saved)


def _in_this_process(contender: str, data: Path, repeats: int, warm_up: bool) -> dict[str, Any]:
    module, _, name = contender.partition(":")
    task: Task = getattr(importlib.import_module(f"benchmarks.{module}"), name)(data)
    loaded = peak_mb()
    if warm_up:
        task.run()
    seconds, cpu = [], []
    for _ in range(repeats):
        started, worked = time.perf_counter(), time.process_time()
        result = task.run()
        seconds.append(time.perf_counter() - started)
        cpu.append(time.process_time() - worked)
    peak = peak_mb()
    file = f"{contender.replace(':', '-')}.npz"
    outcome: dict[str, Any] = {**task.outcome(result)}
    np.savez(data / file, **outcome)
    return {"seconds": seconds, "cpu": cpu, "peak_mb": peak, "loaded_mb": loaded, "outcome": file}


def peak_mb() -> float:
    """Return the largest memory this process has had, in MB.

    From /proc where there is one: getrusage's figure outlives exec on Linux and so may be a parent's.
    """
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) / 1024
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used / (1024 * 1024 if sys.platform == "darwin" else 1024)


def memory_mb() -> float:
    """Return the memory this process has now, in MB (Linux), or its peak where that cannot be told."""
    statm = Path("/proc/self/statm")
    if statm.exists():
        return int(statm.read_text().split()[1]) * os.sysconf("SC_PAGESIZE") / 2**20
    return peak_mb()


def _digits(seconds: float) -> float:
    return float(f"{seconds:.4g}")


if __name__ == "__main__":
    contender, data, repeats, warm_up = sys.argv[1:]
    print(json.dumps(_in_this_process(contender, Path(data), int(repeats), bool(int(warm_up)))))
