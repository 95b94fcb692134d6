#!/usr/bin/env python3
"""Measures what 5,000 secrets cost an application. README.md in the folder above tells what the numbers mean."""

import argparse
import collections
import json
import os
import pathlib
import random
import re
import signal
import statistics
import subprocess
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parent))

from measuring import CORES, busy_time, cpu_time, interval, machine

PROJECT = HERE.parent.parent
TARGET = HERE / "target"
JAVA = pathlib.Path(os.environ["JAVA_HOME"], "bin/java") if "JAVA_HOME" in os.environ else "java"
REFRESHES = 10
# Seconds until a start is taken for one that hangs.
LIMIT = 120

# Half are parameters, half JSON keys of secrets that have 50 each.
COUNT, KEYS = 5000, 50
ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:"
NAMES = [f"APP_SECRET_{i}" for i in range(COUNT)]
VALUES = [f"value {i} " + "-" * 24 for i in range(COUNT)]
PARAMETERS = {f"/app/parameter-{i}": VALUES[i] for i in range(0, COUNT, 2)}
SECRETS = {}
for i in range(1, COUNT, 2):
    SECRETS.setdefault(f"secret-{i // 2 // KEYS}-AbCdE1", {})[f"key-{i}"] = VALUES[i]
VALUE_FROMS = [
    f"/app/parameter-{i}" if i % 2 == 0 else f"{ARN}secret-{i // 2 // KEYS}-AbCdE1:key-{i}::" for i in range(COUNT)
]

LIST, DOCUMENT, NOWHERE = "list", "document", "nowhere"

# The variant without this library that it is compared with, whether that is of another checkout, where the secrets are
# declared, and whether they are injected.
Variant = collections.namedtuple("Variant", "plain before declared injected", defaults=[False])
PLAIN = {
    "plain, no list": Variant(None, False, NOWHERE),
    "plain": Variant(None, False, LIST),
    "plain, injected": Variant(None, False, LIST, injected=True),
}
OURS = {
    "list, fetched": Variant("plain", False, LIST),
    "list, injected": Variant("plain, injected", False, LIST, injected=True),
    "task definition, fetched": Variant("plain, no list", False, DOCUMENT),
}

METRICS = {"start": "start, ms", "cpu": "CPU, ms", "refresh": "refresh, ms", "refresh_cpu": "refresh CPU, ms"}
FIRST = {"first": "first refresh, ms", "first_cpu": "first refresh CPU, ms"}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15, help="how often each variant starts (3 for a quick look)")
    parser.add_argument("--before", type=pathlib.Path, help="a checkout whose library is measured too")
    arguments = parser.parse_args()
    # So that what is to be done in the end is done then, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    build(PROJECT, "benchmarks/size")
    variants = PLAIN | OURS
    if arguments.before:
        build(arguments.before, "secrets-spring-boot-starter")
        variants |= {f"{name}, before": it._replace(before=True) for name, it in OURS.items()}
    rounds = measure(variants, arguments.before, arguments.rounds)
    print(table(variants, rounds))


def build(project, module):
    command = ["./mvnw", "-q", "-P", "benchmarks", "-pl", module, "-am", "-DskipTests", "package"]
    subprocess.run(command, cwd=project, check=True)


def measure(variants, before, count):
    """Starts every variant once in each round, in random order, after a start that is not counted."""
    random.seed(0)
    write_secrets()
    commands = {name: command(it, before) for name, it in variants.items()}
    rounds = []
    for i in range(count + 1):
        print(f"round {i} of {count}", file=sys.stderr)
        rounds.append({name: start(name, variants[name], commands[name]) for name in shuffled(variants)})
        (TARGET / "rounds.json").write_text(json.dumps(rounds[1:], indent=1))
    return rounds[1:]


def shuffled(variants):
    return random.sample(list(variants), len(variants))


def write_secrets():
    (TARGET / "secrets.json").write_text(json.dumps({"parameters": PARAMETERS, "secrets": SECRETS}))
    secrets = [{"name": name, "valueFrom": value_from} for name, value_from in zip(NAMES, VALUE_FROMS)]
    (TARGET / "task-definition.json").write_text(json.dumps({"containerDefinitions": [{"name": "app", "secrets": secrets}]}))


def command(variant, before):
    jars = f"{TARGET / 'size.jar'}:{(TARGET / 'class-path').read_text()}".split(":")
    ours = [f"{PROJECT}/secrets-core/", f"{PROJECT}/secrets-spring-boot-starter/"]
    if variant.plain is None:
        jars = [it for it in jars if not it.startswith(tuple(ours)) and "/software/amazon/" not in it]
    if variant.before:
        jars = [it.replace(f"{PROJECT}/", f"{before.resolve()}/", 1) if it.startswith(tuple(ours)) else it for it in jars]
    counts = [COUNT if variant.plain or variant.injected else 0, REFRESHES if variant.plain else 0]
    # What the JVM takes by itself in a container of 2 GB, so that this machine's memory does not matter.
    java = [JAVA, "-Xms32m", "-Xmx512m", "-cp", ":".join(jars)]
    return [*java, "dev.ecssecrets.benchmarks.size.SizeApplication", *map(str, counts)]


def start(name, variant, command):
    """Starts a variant, which checks its values, refreshes and ends when it is ready."""
    folder = TARGET / re.sub("[, ]+", "-", name)
    folder.mkdir(exist_ok=True)
    (folder / "application.yml").write_text(configuration(variant))
    variables = dict(zip(NAMES, VALUES)) if variant.injected else {}
    busy = busy_time(CORES)
    began = time.monotonic_ns()
    process = subprocess.Popen(
        command,
        cwd=folder,
        env={"PATH": os.environ["PATH"]} | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    hanging = threading.Timer(LIMIT, os.killpg, (process.pid, signal.SIGKILL))
    hanging.start()
    output = []
    try:
        for line in process.stdout:
            output.append(line)
            if line == "ready\n":
                break
        result = {"start": (time.monotonic_ns() - began) / 1e6, "cpu": cpu_time(process.pid)}
        result["others"] = (busy_time(CORES) - busy - result["cpu"]) / len(CORES) / result["start"]
        output += process.stdout
        if process.wait() != 0:
            raise ValueError(f"exit code {process.returncode}")
        refreshes = [[float(it) for it in line.split()[1:]] for line in output if line.startswith("refresh ")]
        for i, suffix in enumerate(("", "_cpu") if refreshes else ()):
            result[f"first{suffix}"] = refreshes[0][i]
            result[f"refresh{suffix}"] = statistics.median(it[i] for it in refreshes[1:])
        return result
    except (OSError, ValueError) as ex:
        sys.exit(f"{''.join(output[:50])}\n'{name}' did not start: {ex!r}")
    finally:
        hanging.cancel()
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def configuration(variant):
    if variant.declared == NOWHERE:
        return ""
    lines = ["ecs-secrets:", "  store: file", f'  file.location: "{TARGET}/secrets.json"', "  refresh.min-interval: 0s"]
    if variant.declared == DOCUMENT:
        return "\n".join([*lines, f'  task-definition: "{TARGET}/task-definition.json"'])
    secrets = [f'  - name: "{name}"\n    value-from: "{it}"' for name, it in zip(NAMES, VALUE_FROMS)]
    return "\n".join([*lines, "  secrets:", *secrets])


def table(variants, rounds):
    others = statistics.median(run["others"] for it in rounds for run in it.values())
    titles = ["start, ms", "added", "CPU, ms", "added", *list(METRICS.values())[2:], *FIRST.values()]
    lines = [
        f"{machine()}, {len(rounds)} rounds. Other processes took {max(others, 0):.0%} of the time of the cores.\n",
        f"| {COUNT:,} secrets | {' | '.join(titles)} |",
        f"| --- |{' ---: |' * len(titles)}",
    ]
    for name, variant in variants.items():
        cells = []
        for metric in ("start", "cpu"):
            cells += [cell(rounds, lambda it: it[name][metric]), added(rounds, name, variant, metric)]
        for metric in ("refresh", "refresh_cpu", "first", "first_cpu"):
            cells.append(cell(rounds, lambda it: it[name][metric]) if variant.plain else "")
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def added(rounds, name, variant, metric):
    return cell(rounds, lambda it: it[name][metric] - it[variant.plain][metric], "+") if variant.plain else ""


def cell(rounds, value, sign=""):
    """The median, with its interval."""

    def median(rounds):
        return statistics.median(map(value, rounds))

    low, high = interval(median, rounds)
    return f"{median(rounds):{sign},.0f} [{low:{sign},.0f}, {high:{sign},.0f}]"


if __name__ == "__main__":
    main()
