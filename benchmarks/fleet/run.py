#!/usr/bin/env python3
"""Measures how a fleet that starts at once gets its secrets from an account with the default limits of AWS.

README.md in the folder above tells what the numbers mean.
"""

import argparse
import contextlib
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parent))

from measuring import machine

PROJECT = HERE.parent.parent
TARGET = HERE / "target"
JAVA = pathlib.Path(os.environ["JAVA_HOME"], "bin/java") if "JAVA_HOME" in os.environ else "java"
PACKAGE = "dev.ecssecrets.benchmarks.fleet"
JVMS, STARTS_OF_JVM = 4, 50
STARTS = JVMS * STARTS_OF_JVM
CALLS_OF_START = 4
NEEDED = STARTS * CALLS_OF_START
# Those of the stub: calls at once, then calls a second.
BURST, RATE = 40, 40
IDEAL = (NEEDED - BURST) / RATE
POLICIES = {
    "ours": "ours",
    "sdk": "AWS SDK's defaults",
    "sdk-restarted": "AWS SDK's defaults, restarted at once",
}
WARM_UPS, IDLE_WARM_UPS = 3, 30

METRICS = {
    "succeeded": ("succeeded", "{:,.0f}"),
    "last": ("last, s", "{:.1f}"),
    "last_of_ideal": ("last / ideal", "{:.2f}"),
    "median": ("median, s", "{:.1f}"),
    "calls": ("calls", "{:,.0f}"),
    "calls_of_needed": ("calls / needed", "{:.2f}"),
    "throttled": ("throttled", "{:,.0f}"),
    "at_once": ("at once", "{:,.0f}"),
    "credentials": ("credentials a start", "{:.2f}"),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="how often the fleet starts with each policy")
    parser.add_argument("--policies", nargs="+", choices=POLICIES, default=list(POLICIES), help="leave the others out")
    parser.add_argument("--idle", action="store_true", help="one start in an idle account, one call of it throttled")
    parser.add_argument("--repetitions", type=int, default=40, help="how often --idle starts")
    arguments = parser.parse_args()
    build()
    with contextlib.ExitStack() as stack:
        service = Service(stack)
        if arguments.idle:
            print(idle_table(measure_idle(stack, service, arguments.policies, arguments.repetitions)))
        else:
            print(table(measure(stack, service, arguments.policies, arguments.rounds)))


def build():
    command = ["./mvnw", "-q", "-P", "benchmarks", "-pl", "benchmarks/fleet", "-am", "-DskipTests", "package"]
    subprocess.run(command, cwd=PROJECT, check=True)


class Service:
    """The stub, in a process of its own."""

    def __init__(self, stack):
        self.url = f"http://127.0.0.1:{int(java(stack, {}, 'ParameterStore').stdout.readline())}"
        self.throttled, self.unthrottled = f"{self.url}/throttled", f"{self.url}/unthrottled"

    def reset(self, to_throttle=0):
        """Forgets the calls before, and throttles as many of the next ones whatever the limit."""
        self._get(f"reset?{to_throttle}")

    def counts(self):
        return self._get("counts")

    def _get(self, path):
        with urllib.request.urlopen(f"{self.url}/{path}", timeout=10) as response:
            return json.load(response)


class Fleet:
    """JVMs that start a number of times each, all at once."""

    def __init__(self, stack, service, jvms, starts_of_jvm):
        # Nothing that this machine is set up with for AWS.
        environment = {
            "AWS_CONFIG_FILE": str(TARGET / "absent"),
            "AWS_SHARED_CREDENTIALS_FILE": str(TARGET / "absent"),
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{service.url}/credentials",
        }
        self.starts_of_jvm = starts_of_jvm
        self.jvms = [java(stack, environment, "Fleet", str(starts_of_jvm)) for _ in range(jvms)]

    def start(self, policy, endpoint):
        """Returns, for each start, whether it succeeded and how many seconds it took."""
        for jvm in self.jvms:
            jvm.stdin.write(f"{policy} {endpoint}\n")
            jvm.stdin.flush()
        lines = [jvm.stdout.readline().split() for jvm in self.jvms for _ in range(self.starts_of_jvm)]
        if not all(lines):
            sys.exit(f"'{policy}' failed otherwise than by throttling; its JVM says above why")
        return [(line[0] == "succeeded", int(line[1]) / 1e3) for line in lines]

    def warm_up(self, service, policies, count):
        """Loads and compiles classes, which would be measured otherwise."""
        for policy in policies * count:
            if not all(succeeded for succeeded, _ in self.start(policy, service.unthrottled)):
                sys.exit(f"'{policy}' fails without being throttled")


def java(stack, environment, main_class, *arguments):
    class_path = f"{TARGET / 'classes'}:{(TARGET / 'class-path').read_text()}"
    # As many connections are kept alive as the processes of a fleet would keep.
    options = ["-Xmx512m", f"-Dhttp.maxConnections={STARTS_OF_JVM * CALLS_OF_START}"]
    process = subprocess.Popen(
        [JAVA, *options, "-cp", class_path, f"{PACKAGE}.{main_class}", *arguments],
        env={"PATH": os.environ["PATH"]} | environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    stack.callback(process.wait)
    stack.callback(process.kill)
    return process


def measure(stack, service, policies, count):
    fleet = Fleet(stack, service, JVMS, STARTS_OF_JVM)
    fleet.warm_up(service, policies, WARM_UPS)
    rounds = []
    for i in range(count):
        print(f"round {i + 1} of {count}", file=sys.stderr)
        rounds.append({policy: measure_start(fleet, service, policy) for policy in policies})
        (TARGET / "rounds.json").write_text(json.dumps(rounds, indent=1))
    return rounds


def measure_start(fleet, service, policy):
    # Calls of starts that failed may be under way.
    time.sleep(1)
    service.reset()
    seconds = [seconds for succeeded, seconds in fleet.start(policy, service.throttled) if succeeded]
    counts = service.counts()
    if counts["calls"] - counts["throttled"] < len(seconds) * CALLS_OF_START:
        sys.exit(f"'{policy}' made too few calls: {counts}")
    last, median = (max(seconds), statistics.median(seconds)) if seconds else (float("nan"),) * 2
    return counts | {
        "succeeded": len(seconds),
        "last": last,
        "last_of_ideal": last / IDEAL,
        "median": median,
        "calls_of_needed": counts["calls"] / NEEDED,
        "credentials": counts["credentials"] / STARTS,
    }


def table(rounds):
    lines = [
        f"{machine()}, {len(rounds)} rounds.\n",
        f"| {STARTS} starts | {' | '.join(title for title, _ in METRICS.values())} |",
        f"| --- |{' ---: |' * len(METRICS)}",
    ]
    for policy in rounds[0]:
        cells = [cell([it[policy][key] for it in rounds], form) for key, (_, form) in METRICS.items()]
        lines.append(f"| {POLICIES[policy]} | {' | '.join(cells)} |")
    return "\n".join(lines)


def cell(values, form):
    """The median, with the least and the greatest where they differ."""
    median, low, high = (form.format(it) for it in (statistics.median(values), min(values), max(values)))
    return median if low == high else f"{median} ({low}-{high})"


def measure_idle(stack, service, policies, count):
    """Returns, for each policy, the seconds of starts of which no call was throttled, and of those with one."""
    fleet = Fleet(stack, service, 1, 1)
    policies = [policy for policy in policies if policy != "sdk-restarted"]
    fleet.warm_up(service, policies, IDLE_WARM_UPS)
    seconds = {policy: ([], []) for policy in policies}
    for _ in range(count):
        for policy, results in seconds.items():
            for to_throttle in (0, 1):
                service.reset(to_throttle)
                [(succeeded, taken)] = fleet.start(policy, service.throttled)
                if not succeeded or service.counts()["throttled"] != to_throttle:
                    sys.exit(f"'{policy}' is throttled in an idle account otherwise than it should be")
                results[to_throttle].append(taken)
    return seconds


def idle_table(seconds):
    lines = [
        f"{machine()}, {len(next(iter(seconds.values()))[0])} repetitions.\n",
        "| one start | no call throttled, s | one call throttled, s | added, s |",
        "| --- | ---: | ---: | ---: |",
    ]
    for policy, (without, throttled) in seconds.items():
        added = [it[1] - it[0] for it in zip(without, throttled)]
        cells = [cell(it, "{:.2f}") for it in (without, throttled, added)]
        lines.append(f"| {POLICIES[policy]} | {' | '.join(cells)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
