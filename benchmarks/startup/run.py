#!/usr/bin/env python3
"""Measures what secrets cost an application's start. README.md in the folder above tells what the numbers mean."""

import argparse
import collections
import json
import os
import pathlib
import platform
import random
import re
import shutil
import signal
import statistics
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request

import aws

HERE = pathlib.Path(__file__).resolve().parent
PROJECT = HERE.parent.parent
TARGET = HERE / "target"
JDK = pathlib.Path(os.environ["JAVA_HOME"], "bin") if "JAVA_HOME" in os.environ else pathlib.Path()
CORES = sorted(os.sched_getaffinity(0))
TICK = 1e3 / os.sysconf("SC_CLK_TCK")
RESAMPLES = 2000
# That of the trust store of the JVM.
PASSWORD = "changeit"
# Seconds until a start is taken for one that hangs.
LIMIT = 90

# Property names are fit for environment variables too.
PARAMETERS = {f"/benchmark/parameter-{i:02}": f"value of parameter {i}" for i in range(40)}
SECRETS = {f"benchmark/secret-{i}": {f"key-{j}": f"value {j} of secret {i}" for j in range(4)} for i in range(3)}
Property = collections.namedtuple("Property", "name value value_from")
PROPERTIES = [Property(name[1:].replace("/", "."), value, name) for name, value in PARAMETERS.items()] + [
    Property(f"{name.replace('/', '.')}.{key}", value, f"{aws.ARN}{name}{aws.SUFFIX}:{key}::")
    for name, members in SECRETS.items()
    for key, value in members.items()
]


def variable(property_name):
    return property_name.upper().replace(".", "_").replace("-", "_")


INJECTED = {variable(it.name): it.value for it in PROPERTIES}
BY_SCRIPT = ["BENCHMARK_PARAMETER_00", "BENCHMARK_SECRET_0_KEY_0"]
DECLARED = {"ecs-secrets.secrets": [{"name": variable(it.name), "value-from": it.value_from} for it in PROPERTIES]}
IMPORTED = {
    "spring.config.import": ["aws-parameterstore:/benchmark/?prefix=benchmark."]
    + [f"aws-secretsmanager:{name}?prefix={name.replace('/', '.')}." for name in SECRETS]
}
URL_CONNECTION = "software.amazon.awssdk.http.urlconnection.UrlConnectionSdkHttpService"

# The module that has its class path, what stands in its application.yml and in its environment, what stands before its
# java command, and options of that command.
Variant = collections.namedtuple("Variant", "module configuration injected before options", defaults=[{}, {}, [], []])
VARIANTS = {
    "plain": Variant("application", injected=INJECTED),
    "ours, all injected": Variant("ecs-secrets", DECLARED, INJECTED),
    "ours, all fetched": Variant("ecs-secrets", DECLARED),
    "spring-cloud-aws": Variant("spring-cloud-aws", IMPORTED),
    "spring-cloud-aws, our HTTP client": Variant(
        "spring-cloud-aws", IMPORTED, options=[f"-Dsoftware.amazon.awssdk.http.service.impl={URL_CONNECTION}"]
    ),
    "script": Variant(
        "application",
        injected={name: value for name, value in INJECTED.items() if name not in BY_SCRIPT},
        before=["sh", str(HERE / "entrypoint.sh")],
    ),
}
OURS, OURS_INJECTED = "ours, all fetched", "ours, all injected"
THEIRS = ["spring-cloud-aws", "spring-cloud-aws, our HTTP client"]

# How many cores a variant has, whether it has an archive of its classes, and whether it speaks TLS and gets credentials
# from a container's endpoint.
Setup = collections.namedtuple("Setup", "title variants cores archive realistic", defaults=[2, False, False])
SETUPS = {
    "two-cores": Setup("Two cores", list(VARIANTS)),
    "one-core": Setup("One core", ["plain", OURS_INJECTED, OURS, THEIRS[0]], cores=1),
    "archive": Setup("Two cores, archived classes", ["plain", OURS, THEIRS[0]], archive=True),
    "realistic": Setup("Two cores, TLS, credentials of a container", ["plain", OURS, THEIRS[0]], realistic=True),
}

METRICS = {
    "start": "start, ms",
    "cpu": "CPU, ms",
    "cpu_to_exit": "CPU to exit, ms",
    "classes": "classes",
    "memory": "memory, MB",
}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=30, help="how often each variant starts (3 for a quick look)")
    parser.add_argument("--setups", nargs="+", choices=SETUPS, default=list(SETUPS), help="leave the others out")
    arguments = parser.parse_args()
    # So that what is to be done in the end is done then, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    build()
    shutil.rmtree(TARGET, ignore_errors=True)
    TARGET.mkdir()
    print(machine(), flush=True)
    service = aws.Aws(PARAMETERS, SECRETS, delay=0.06, certificate=certificate())
    random.seed(0)
    rounds = {}
    for key in arguments.setups:
        rounds[key] = measure(service, SETUPS[key], arguments.rounds)
        (TARGET / "rounds.json").write_text(json.dumps(rounds, indent=1))
        print(table(SETUPS[key], rounds[key]), flush=True)
    print(targets(rounds))


def build():
    modules = ",".join(f"benchmarks/startup/{module}" for module in sorted({it.module for it in VARIANTS.values()}))
    command = ["./mvnw", "-q", "-P", "benchmarks", "-pl", modules, "-am", "-DskipTests", "package"]
    subprocess.run(command, cwd=PROJECT, check=True)


def certificate():
    """Makes a certificate for localhost, and adds it to a copy of the trust store of the JVM."""
    key, public, store = TARGET / "key.pem", TARGET / "public.pem", TARGET / "cacerts"
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    new = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    quietly(["openssl", "req", *new, *subject, "-keyout", key, "-out", public])
    home = re.search("java.home = (.*)", java_says("-XshowSettings:properties", "-version"))[1]
    shutil.copy(pathlib.Path(home, "lib/security/cacerts"), store)
    alias = ["-importcert", "-noprompt", "-alias", "benchmark", "-file", public]
    quietly([JDK / "keytool", *alias, "-keystore", store, "-storepass", PASSWORD])
    return public, key


def java_says(*options):
    return subprocess.run([JDK / "java", *options], check=True, capture_output=True, text=True).stderr


def quietly(command):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def measure(service, setup, count):
    """Starts every variant once in each round, in random order, after a start that is not counted."""
    variants = {name: VARIANTS[name] for name in setup.variants}
    if absent := [command for command in ("aws", "jq") if not shutil.which(command)]:
        print(f"'script' is left out: no {' and no '.join(absent)} on the PATH", file=sys.stderr)
        variants.pop("script", None)
    classes = {name: first_start(service, setup, name, variant) for name, variant in variants.items()}
    rounds = []
    for i in range(count):
        print(f"{setup.title}: round {i + 1} of {count}", file=sys.stderr)
        rounds.append({})
        for name in random.sample(list(variants), len(variants)):
            options = [f"-XX:SharedArchiveFile={archive(name)}"] if setup.archive else []
            rounds[-1][name] = start(service, setup, name, variants[name], options) | classes[name]
    return rounds


def first_start(service, setup, name, variant):
    """Fills the caches of files, makes the archive of classes, and logs which classes are loaded."""
    log = TARGET / f"{slug(name)}.classes"
    options = [f"-Xlog:class+load:file={log}"]
    if setup.archive:
        start(service, setup, name, variant, [f"-XX:ArchiveClassesAtExit={archive(name)}"])
        options.append(f"-XX:SharedArchiveFile={archive(name)}")
    start(service, setup, name, variant, options)
    content = log.read_text()
    if setup.archive and "shared objects file (top)" not in content:
        sys.exit(f"{name}: the archive of its classes was not used")
    return {"sdk_classes": sum(" software.amazon.awssdk." in line for line in content.splitlines())}


def archive(name):
    return TARGET / f"{slug(name)}.jsa"


def slug(name):
    return name.replace(",", "").replace(" ", "-")


def start(service, setup, name, variant, options):
    """Starts a variant, and ends it when it is ready and has shown that it has all values."""
    folder = TARGET / slug(name)
    folder.mkdir(exist_ok=True)
    # JSON is YAML.
    (folder / "application.yml").write_text(json.dumps({"server.port": 0} | variant.configuration, indent=1))
    service.reset()
    busy = busy_time(CORES[: setup.cores])
    began = time.monotonic_ns()
    process = subprocess.Popen(
        command(setup, variant, options),
        cwd=folder,
        env=environment(service, setup, variant),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    hanging = threading.Timer(LIMIT, os.killpg, (process.pid, signal.SIGKILL))
    hanging.start()
    output = []
    try:
        port = await_line(process, "ready", output)
        result = {"start": (time.monotonic_ns() - began) / 1e6, "cpu": cpu_time(process.pid)}
        result["others"] = (busy_time(CORES[: setup.cores]) - busy - result["cpu"]) / setup.cores / result["start"]
        result["memory"] = peak_memory(process.pid)
        calls = collections.Counter(service.calls)
        result["calls"] = ", ".join(f"{calls[action]} {action}" for action in sorted(calls)) or "0"
        result |= {"at_once": service.at_once, "credentials": service.credentials_calls}
        result["classes"] = await_line(process, "classes", output)
        check_values(port)
        process.terminate()
        output.append(process.stdout.read())
        usage = os.wait4(process.pid, 0)[2]
        # So that it is not awaited again.
        process.returncode = 0
        return result | {"cpu_to_exit": (usage.ru_utime + usage.ru_stime) * 1e3}
    except (EOFError, OSError, ValueError) as ex:
        sys.exit(f"{''.join(output[:50])}\n'{name}' did not start: {ex!r}")
    finally:
        hanging.cancel()
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def command(setup, variant, options):
    module = HERE / variant.module / "target"
    class_path = f"{HERE / 'application/target/application.jar'}:{(module / 'class-path').read_text()}"
    # What the JVM takes by itself in a container of 2 GB, so that this machine's memory does not matter.
    java = [JDK / "java", "-Xms32m", "-Xmx512m", *variant.options, *options]
    if setup.realistic:
        store = {"trustStore": TARGET / "cacerts", "trustStorePassword": PASSWORD}
        java += [f"-Djavax.net.ssl.{key}={value}" for key, value in store.items()]
    cores = ",".join(map(str, CORES[: setup.cores]))
    main_class = "dev.ecssecrets.benchmarks.startup.BenchmarkApplication"
    return ["taskset", "-c", cores, *variant.before, *java, "-cp", class_path, main_class]


def environment(service, setup, variant):
    """The same for all variants but for what is injected, and nothing that this machine is set up with for AWS."""
    variables = {
        # First, as a wrapper that a version manager puts in front of aws takes its time.
        "PATH": f"{sys.prefix}/bin:{os.environ['PATH']}",
        "AWS_REGION": "eu-west-1",
        # For aws, whose first version does not know the other.
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_CONFIG_FILE": str(TARGET / "absent"),
        "AWS_SHARED_CREDENTIALS_FILE": str(TARGET / "absent"),
    }
    if setup.realistic:
        variables["AWS_ENDPOINT_URL"] = service.tls_endpoint
        variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = service.credentials_endpoint
    else:
        variables["AWS_ENDPOINT_URL"] = service.endpoint
        variables |= {"AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "key"}
    return variables | variant.injected


def await_line(process, key, output):
    for line in process.stdout:
        output.append(line)
        if line.startswith(key + " "):
            return int(line.split()[1])
    raise EOFError(f"no '{key}'")


def cpu_time(pid):
    """The milliseconds of CPU of a process, with those of its children that it awaited."""
    # What clock_getcpuclockid(3) returns: all threads, to the nanosecond.
    own = time.clock_gettime_ns((~pid << 3) | 2) / 1e6
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    return own + sum(map(int, fields[13:15])) * TICK


def peak_memory(pid):
    """The greatest resident set size so far, in MB."""
    status = dict(line.split(":", 1) for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines())
    return int(status["VmHWM"].split()[0]) * 1024 / 1e6


def busy_time(cores):
    """The milliseconds that cores were busy, with whatever."""
    lines = [it.split() for it in pathlib.Path("/proc/stat").read_text().splitlines()]
    names = [f"cpu{core}" for core in cores]
    # user, nice, system, irq, softirq and steal of proc_stat(5).
    return sum(int(it[i]) for it in lines if it[0] in names for i in (1, 2, 3, 6, 7, 8)) * TICK


def check_values(port):
    """Fails if the application has not all values, so that nothing wins that fetches less."""
    query = urllib.parse.urlencode([("name", it.name) for it in PROPERTIES])
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/?{query}", timeout=LIMIT) as response:
        values = json.load(response)
    if wrong := [it.name for it in PROPERTIES if values[it.name] != it.value]:
        raise ValueError(f"these properties have other values: {', '.join(wrong)}")


def added(name, metric):
    """How much more a variant takes than the plain one: the median of the differences in each round."""
    return lambda rounds: statistics.median(it[name][metric] - it["plain"][metric] for it in rounds)


def interval(statistic, rounds):
    """The 95 % interval of a statistic of rounds: the percentile bootstrap."""
    source = random.Random(0)
    values = sorted(statistic(source.choices(rounds, k=len(rounds))) for _ in range(RESAMPLES))
    return values[int(RESAMPLES * 0.025)], values[int(RESAMPLES * 0.975) - 1]


def table(setup, rounds):
    others = statistics.median(run["others"] for it in rounds for run in it.values())
    lines = [
        f"\n### {setup.title}\n",
        f"{len(rounds)} rounds. Other processes took {max(others, 0):.0%} of the time of the cores.\n",
        f"| | {' | '.join(METRICS.values())} | SDK classes | calls | at once | credentials |",
        f"| --- |{' ---: |' * len(METRICS)} ---: | --- | ---: | ---: |",
    ]
    for name in (name for name in setup.variants if name in rounds[0]):
        cells = [cell(rounds, name, metric) for metric in METRICS]
        cells += [values(rounds, name, key) for key in ("sdk_classes", "calls", "at_once", "credentials")]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def cell(rounds, name, metric):
    if name == "plain":
        return f"{statistics.median(it[name][metric] for it in rounds):,.0f}"
    low, high = interval(added(name, metric), rounds)
    return f"{added(name, metric)(rounds):+,.0f} [{low:+,.0f}, {high:+,.0f}]"


def values(rounds, name, key):
    """What should be the same in all rounds."""
    return " or ".join(str(it) for it in sorted({it[name][key] for it in rounds}))


def targets(rounds):
    lines = ["\n### Targets\n", "| | " + " | ".join(SETUPS[key].title for key in rounds) + " |"]
    lines.append("| --- |" + " ---: |" * len(rounds))
    for theirs in THEIRS:
        for metric in ("start", "cpu"):
            cells = [ratio_cell(it, theirs, metric) if theirs in it[0] else "" for it in rounds.values()]
            lines.append(f"| {METRICS[metric].split(',')[0]}, added by ours / by {theirs} | {' | '.join(cells)} |")
    cells = [verdict(it, OURS, calls_are_few) for it in rounds.values()]
    lines.append(f"| all fetched: 4 + 3 calls, all at once | {' | '.join(cells)} |")
    cells = [verdict(it, OURS_INJECTED, costs_nothing) for it in rounds.values()]
    lines.append(f"| all injected: no SDK class, CPU no more than plain | {' | '.join(cells)} |")
    return "\n".join(lines)


def ratio_cell(rounds, theirs, metric):
    def ratio(rounds):
        return added(OURS, metric)(rounds) / added(theirs, metric)(rounds)

    low, high = interval(ratio, rounds)
    return f"{ratio(rounds):.2f} [{low:.2f}, {high:.2f}]"


def verdict(rounds, name, target):
    return "" if name not in rounds[0] else "met" if target(rounds) else "missed"


def calls_are_few(rounds):
    return all(
        it[OURS]["calls"] == "4 GetParameters of 10, 3 GetSecretValue" and it[OURS]["at_once"] == 7 for it in rounds
    )


def costs_nothing(rounds):
    low, _ = interval(added(OURS_INJECTED, "cpu"), rounds)
    return low <= 0 and all(it[OURS_INJECTED]["sdk_classes"] == 0 for it in rounds)


def machine():
    cpu = re.search("model name.*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    model = cpu[1] if cpu else platform.machine()
    return f"{model}, {len(CORES)} cores, {memory:.0f} GB, Linux {platform.release()}, {java_says('-version').splitlines()[1]}"


if __name__ == "__main__":
    main()
