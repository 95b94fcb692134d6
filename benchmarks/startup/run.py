#!/usr/bin/env python3
"""Measures what secrets cost an application's start. README.md in the folder above tells what the numbers mean."""

import argparse
import collections
import concurrent.futures
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
import zipfile

import aws

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parent))

from measuring import CORES, busy_time, cpu_time, interval, machine

PROJECT = HERE.parent.parent
TARGET = HERE / "target"
JDK = pathlib.Path(os.environ["JAVA_HOME"], "bin") if "JAVA_HOME" in os.environ else pathlib.Path()
HOME_25 = os.environ.get("JAVA_HOME_25") or next(iter(sorted(pathlib.Path("/usr/lib/jvm").glob("*25*"))), None)
JDK_25 = pathlib.Path(HOME_25, "bin") if HOME_25 else None
# Rounds without which an interval means nothing.
ENOUGH = 10
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
IMPORTED = ["aws-parameterstore:/benchmark/?prefix=benchmark."] + [
    f"aws-secretsmanager:{name}?prefix={name.replace('/', '.')}." for name in SECRETS
]


def application_yml(declared=False, imported=()):
    """Returns an application.yml. All have the same size and number of properties, whether these are used or not."""
    lines = ["server:", "  port: 0"]
    if imported:
        lines += ["spring:", "  config:", "    import:", *[f'    - "{it}"' for it in imported]]
    lines += ["ecs-secrets:" if declared else "unread-keys:", "  secrets:"]
    for it in PROPERTIES[len(imported) // 2 :]:
        lines += [f"  - name: {variable(it.name)}", f'    value-from: "{it.value_from}"']
    content = "\n".join(lines)
    return content + "\n#".ljust(YML_SIZE - len(content), ".")


# That of the largest, and a comment.
YML_SIZE = 6400

# The module that packages it, what stands in its application.yml and in its environment, what stands before its java
# command, and the options of the run that makes an AOT cache.
Variant = collections.namedtuple(
    "Variant", "module yml injected before training", defaults=[application_yml(), {}, [], []]
)
VARIANTS = {
    "plain": Variant("plain", injected=INJECTED),
    "ours, nothing declared": Variant("ecs-secrets", injected=INJECTED),
    "ours, all injected": Variant("ecs-secrets", application_yml(declared=True), INJECTED),
    "ours, all fetched": Variant("ecs-secrets", application_yml(declared=True)),
    "ours, all fetched, trained on placeholders": Variant(
        "ecs-secrets", application_yml(declared=True), training=["-Decs-secrets.store=placeholder"]
    ),
    "ours, lean, all injected": Variant("ecs-secrets-lean", application_yml(declared=True), INJECTED),
    "ours, lean, all fetched": Variant("ecs-secrets-lean", application_yml(declared=True)),
    "spring-cloud-aws": Variant("spring-cloud-aws", application_yml(imported=IMPORTED)),
    "script": Variant(
        "plain",
        injected={name: value for name, value in INJECTED.items() if name not in BY_SCRIPT},
        before=["sh", str(HERE / "entrypoint.sh")],
    ),
}
ABSENT, INJECTED_OURS, FETCHED, WITHOUT_CALLS, _, LEAN = list(VARIANTS)[1:7]
THEIRS = "spring-cloud-aws"

# What it starts and how often, on how many cores, how many starts at the same time, whether extracted, whether with an
# archive of its classes or an AOT cache, whether it speaks TLS and gets credentials from a container's endpoint,
# whether starts end when they are ready, and whether it is left out unless asked for.
Setup = collections.namedtuple(
    "Setup",
    "title variants rounds cores lanes extracted archive aot tls brief extra",
    defaults=[20, 2, 1, False, False, False, False, False, False],
)
PRESENCE = ["plain", ABSENT, INJECTED_OURS]
FETCHING = ["plain", FETCHED, LEAN, THEIRS]
CACHED = ["plain", INJECTED_OURS, FETCHED, WITHOUT_CALLS, LEAN, THEIRS]
TLS = "TLS, credentials of a container"
SETUPS = {
    "presence": Setup("Executable jar, one core, presence", PRESENCE, rounds=300, cores=1, lanes=2, brief=True),
    "one-core": Setup("Executable jar, one core", FETCHING, cores=1, lanes=2),
    "two-cores": Setup("Executable jar, two cores", [name for name in VARIANTS if name != WITHOUT_CALLS]),
    "tls": Setup(f"Executable jar, two cores, {TLS}", FETCHING, tls=True),
    "tls-one-core": Setup(f"Executable jar, one core, {TLS}", FETCHING, cores=1, lanes=2, tls=True, extra=True),
    "extracted": Setup("Extracted, two cores", FETCHING, extracted=True),
    "extracted-one-core": Setup("Extracted, one core", FETCHING, cores=1, lanes=2, extracted=True, extra=True),
    "extracted-tls": Setup(f"Extracted, two cores, {TLS}", FETCHING, extracted=True, tls=True, extra=True),
    "archive": Setup("Extracted, two cores, archived classes", FETCHING, extracted=True, archive=True),
    "aot": Setup("Extracted, two cores, AOT cache of JDK 25", CACHED, extracted=True, aot=True, extra=True),
    "aot-tls": Setup(
        f"Extracted, two cores, AOT cache of JDK 25, {TLS}", CACHED, extracted=True, aot=True, tls=True, extra=True
    ),
}

METRICS = {
    "start": "start, ms",
    "cpu": "CPU, ms",
    "cpu_to_exit": "CPU to exit, ms",
    "classes": "classes",
    "memory": "memory, MB",
}


def slug(name):
    return name.replace(",", "").replace(" ", "-")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, help="how often each variant starts in each setup (3 for a quick look)")
    regular = [key for key, setup in SETUPS.items() if not setup.extra]
    parser.add_argument("--setups", nargs="+", choices=SETUPS, default=regular, help="leave the others out")
    slugs = [slug(name) for name in VARIANTS]
    parser.add_argument("--variants", nargs="+", choices=slugs, default=slugs, help="leave the others but plain out")
    arguments = parser.parse_args()
    # So that what is to be done in the end is done then, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    chosen = choose(["plain", *arguments.variants])
    build(chosen.values())
    shutil.rmtree(TARGET, ignore_errors=True)
    TARGET.mkdir()
    extracted = any(SETUPS[key].extracted for key in arguments.setups)
    for name, variant in chosen.items():
        package(name, variant, extracted)
    print(describe_machine(), flush=True)
    print(packages(chosen), flush=True)
    stub = {"delay": 0.06, "certificate": certificate()}
    services = [aws.Aws(PARAMETERS, SECRETS, **stub) for _ in range(max(it.lanes for it in SETUPS.values()))]
    random.seed(0)
    rounds = {}
    for key in arguments.setups:
        setup = SETUPS[key]
        variants = {name: chosen[name] for name in setup.variants if name in chosen}
        if setup.aot and not JDK_25:
            sys.exit(f"'{key}' needs a JDK 25 in JAVA_HOME_25 or /usr/lib/jvm")
        if len(variants) > 1:
            began = time.monotonic()
            rounds[key] = measure(services, setup, variants, arguments.rounds or setup.rounds)
            (TARGET / "rounds.json").write_text(json.dumps(rounds, indent=1))
            print(table(setup, rounds[key], time.monotonic() - began), flush=True)
    print(targets(chosen, rounds))


def choose(slugs):
    variants = {name: variant for name, variant in VARIANTS.items() if slug(name) in slugs}
    if absent := [command for command in ("aws", "jq") if not shutil.which(command)]:
        print(f"'script' is left out: no {' and no '.join(absent)} on the PATH", file=sys.stderr)
        variants.pop("script", None)
    return variants


def build(variants):
    modules = sorted({it.module for it in variants})
    for module in modules:
        # An application is not packaged again if only the library has changed.
        shutil.rmtree(HERE / module / "target", ignore_errors=True)
    chosen = ",".join(f"benchmarks/startup/{module}" for module in modules)
    command = ["./mvnw", "-q", "-P", "benchmarks", "-pl", chosen, "-am", "-DskipTests", "package"]
    subprocess.run(command, cwd=PROJECT, check=True)


def folder(name):
    return TARGET / slug(name)


def package(name, variant, extracted):
    """Adds application.yml to a copy of the executable jar, and extracts that if needed."""
    folder(name).mkdir()
    executable = folder(name) / "application.jar"
    shutil.copy(HERE / variant.module / "target/application.jar", executable)
    with zipfile.ZipFile(executable, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("BOOT-INF/classes/application.yml", variant.yml)
    if extracted:
        extract = ["extract", "--destination", folder(name) / "extracted"]
        quietly([JDK / "java", "-Djarmode=tools", "-jar", executable, *extract])


def jars(name):
    """The number of jars in an executable jar, and their MB."""
    with zipfile.ZipFile(folder(name) / "application.jar") as archive:
        sizes = [it.file_size for it in archive.infolist() if re.fullmatch("BOOT-INF/lib/.*[.]jar", it.filename)]
    return len(sizes), sum(sizes) / 1e6


def jars_added(name):
    return [it - plain for it, plain in zip(jars(name), jars("plain"))]


def packages(variants):
    lines = ["\n### Executable jars\n", "| | jars | MB |", "| --- | ---: | ---: |"]
    lines.append("| plain | {} | {:.1f} |".format(*jars("plain")))
    added = ["| {} | {:+} | {:+.1f} |".format(name, *jars_added(name)) for name in variants if name != "plain"]
    return "\n".join(lines + added)


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


def measure(services, setup, variants, count):
    """Starts every variant once in each round, in random order, after a start that is not counted.

    The rounds of a setup with lanes take place in pairs, each of the pair on cores of its own.
    """
    lanes = min(setup.lanes, len(CORES) // setup.cores, len(services), count) or 1
    places = [Place(setup, CORES[i * setup.cores :][: setup.cores], services[i]) for i in range(lanes)]
    classes = {name: first_start(places[0], name, variant) for name, variant in variants.items()}

    def one_round(place, names):
        starts = {name: start(place, name, variants[name], shared(setup, name), setup.brief) for name in names}
        return {name: result | classes[name] for name, result in starts.items()}

    rounds = []
    with concurrent.futures.ThreadPoolExecutor(lanes) as pool:
        while len(rounds) < count:
            print(f"{setup.title}: {len(rounds)} of {count} rounds", file=sys.stderr)
            orders = [random.sample(list(variants), len(variants)) for _ in places[: count - len(rounds)]]
            rounds += pool.map(one_round, places, orders)
    return rounds


# The cores on which a start takes place, and the service that answers it.
Place = collections.namedtuple("Place", "setup cores service")


def first_start(place, name, variant):
    """Fills the caches of files, makes the archive of classes, and logs which classes are loaded."""
    log = TARGET / f"{slug(name)}.classes"
    if place.setup.archive:
        start(place, name, variant, [f"-XX:ArchiveClassesAtExit={archive(name)}"])
    if place.setup.aot:
        train(place, name, variant)
    start(place, name, variant, [f"-Xlog:class+load:file={log}", *shared(place.setup, name)])
    content = log.read_text()
    if place.setup.archive and "shared objects file (top)" not in content:
        sys.exit(f"{name}: the archive of its classes was not used")
    if place.setup.aot and "BenchmarkApplication source: shared objects file" not in content:
        sys.exit(f"{name}: the AOT cache was not used")
    return {"sdk_classes": sum(" software.amazon.awssdk." in line for line in content.splitlines())}


def train(place, name, variant):
    """Makes an AOT cache in a start that ends when the application context is refreshed."""
    options = [f"-XX:AOTCacheOutput={cache(place.setup, name)}", "-Dspring.context.exit=onRefresh", *variant.training]
    variables = environment(place.service, place.setup, variant)
    process = subprocess.run(
        command(place, name, variant, options), cwd=folder(name), env=variables, capture_output=True, text=True
    )
    if process.returncode or not cache(place.setup, name).exists():
        sys.exit(f"{process.stdout}{process.stderr}\n{name}: there is no AOT cache")


def shared(setup, name):
    if setup.aot:
        return [f"-XX:AOTCache={cache(setup, name)}"]
    return [f"-XX:SharedArchiveFile={archive(name)}"] if setup.archive else []


def cache(setup, name):
    return TARGET / f"{slug(name)}{'-tls' if setup.tls else ''}.aot"


def archive(name):
    return TARGET / f"{slug(name)}.jsa"


def start(place, name, variant, options, brief=False):
    """Starts a variant, and ends it when it is ready and, unless brief, has shown that it has all values."""
    setup, cores, service = place
    service.reset()
    busy = busy_time(cores)
    began = time.monotonic_ns()
    process = subprocess.Popen(
        command(place, name, variant, options),
        cwd=folder(name),
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
        result["others"] = (busy_time(cores) - busy - result["cpu"]) / len(cores) / result["start"]
        result["memory"] = peak_memory(process.pid)
        calls = collections.Counter(service.calls)
        result["calls"] = ", ".join(f"{calls[action]} {action}" for action in sorted(calls)) or "0"
        result |= {"at_once": service.at_once, "credentials": service.credentials_calls}
        result["classes"] = await_line(process, "classes", output)
        if brief:
            return result
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


def command(place, name, variant, options):
    # What the JVM takes by itself in a container of 2 GB, so that this machine's memory does not matter.
    java = [(JDK_25 if place.setup.aot else JDK) / "java", "-Xms32m", "-Xmx512m", *options]
    if place.setup.tls:
        store = {"trustStore": TARGET / "cacerts", "trustStorePassword": PASSWORD}
        java += [f"-Djavax.net.ssl.{key}={value}" for key, value in store.items()]
    home = folder(name) / "extracted" if place.setup.extracted else folder(name)
    return ["taskset", "-c", ",".join(map(str, place.cores)), *variant.before, *java, "-jar", home / "application.jar"]


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
    if setup.tls:
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


def peak_memory(pid):
    """The greatest resident set size so far, in MB."""
    status = dict(line.split(":", 1) for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines())
    return int(status["VmHWM"].split()[0]) * 1024 / 1e6


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


def over_plain(name, metric):
    """The same as a part of what the plain one takes."""
    return lambda rounds: added(name, metric)(rounds) / statistics.median(it["plain"][metric] for it in rounds)


def ratio(name, metric):
    """What a variant adds, as a part of what Spring Cloud AWS adds."""
    return lambda rounds: added(name, metric)(rounds) / added(THEIRS, metric)(rounds)


def table(setup, rounds, seconds):
    others = statistics.median(run["others"] for it in rounds for run in it.values())
    lines = [
        f"\n#### {setup.title}\n",
        f"{len(rounds)} rounds in {seconds / 60:.0f} minutes. "
        f"Other processes took {max(others, 0):.0%} of the time of the cores.\n",
        f"| | {' | '.join(METRICS.values())} | CPU over plain | SDK classes | calls | at once | credentials |",
        f"| --- |{' ---: |' * len(METRICS)} ---: | ---: | --- | ---: | ---: |",
    ]
    for name in (name for name in VARIANTS if name in rounds[0]):
        cells = [cell(rounds, name, metric) for metric in METRICS]
        cells.append("" if name == "plain" else percent(over_plain(name, "cpu"), rounds))
        cells += [values(rounds, name, key) for key in ("sdk_classes", "calls", "at_once", "credentials")]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def cell(rounds, name, metric):
    if metric not in rounds[0][name]:
        return ""
    if name == "plain":
        return f"{statistics.median(it[name][metric] for it in rounds):,.0f}"
    low, high = interval(added(name, metric), rounds)
    return f"{added(name, metric)(rounds):+,.0f} [{low:+,.0f}, {high:+,.0f}]"


def percent(statistic, rounds):
    low, high = interval(statistic, rounds)
    return f"{statistic(rounds):.1%} [{low:.1%}, {high:.1%}]"


def values(rounds, name, key):
    """What should be the same in all rounds."""
    return " or ".join(str(it) for it in sorted({it[name][key] for it in rounds}))


def targets(variants, rounds):
    lines = ["\n### Targets\n", "| | of | in | at most | measured | |", "| --- | --- | --- | ---: | ---: | --- |"]
    for name, most in ((FETCHED, (32, 10.8)), (LEAN, (3, 0.6))):
        if name in variants:
            for unit, limit, value in zip(("jars", "MB"), most, jars_added(name)):
                # As it is printed.
                verdict = "met" if round(value, 1) <= limit else "missed"
                lines.append(f"| {unit} added | {name} | | {limit} | {round(value, 1)} | {verdict} |")
    for name, limit in ((ABSENT, 0.01), (INJECTED_OURS, 0.02)):
        lines += target(rounds, "presence", name, "CPU over plain", over_plain(name, "cpu"), limit)
    for key, setup in ((key, setup) for key, setup in SETUPS.items() if setup.aot):
        for name, limit in ((INJECTED_OURS, 10), (FETCHED, 150), (WITHOUT_CALLS, 150)):
            statistic = added(name, "start")
            lines += target(rounds, key, name, "start added, ms", statistic, limit, shown=milliseconds)
        if key in rounds and {FETCHED, WITHOUT_CALLS} <= rounds[key][0].keys():
            low, high = interval(between(FETCHED, WITHOUT_CALLS), rounds[key])
            measured = milliseconds(between(FETCHED, WITHOUT_CALLS), rounds[key])
            verdict = "no difference" if low <= 0 <= high else "differs"
            if len(rounds[key]) < ENOUGH:
                verdict = "too few rounds"
            title = "start after that trained with calls, ms"
            lines.append(f"| {title} | {WITHOUT_CALLS} | {setup.title} | | {measured} | {verdict} |")
    for key, setup in SETUPS.items():
        for name in (name for name in (FETCHED, LEAN) if THEIRS in setup.variants):
            for metric, title in (("start", "start"), ("cpu", "CPU")):
                title, limit = f"{title} added, of what {THEIRS} adds", 0.3 if setup.tls else 0.2
                lines += target(rounds, key, name, title, ratio(name, metric), limit, needed=THEIRS)
    for key, all_rounds in rounds.items():
        checks = [(name, no_sdk) for name in (ABSENT, INJECTED_OURS)]
        for name, met in checks + [(name, few_calls) for name in (FETCHED, WITHOUT_CALLS, LEAN)]:
            if name in all_rounds[0]:
                verdict = "met" if all(met(it[name]) for it in all_rounds) else "missed"
                lines.append(f"| {met.__doc__} | {name} | {SETUPS[key].title} | | | {verdict} |")
    return "\n".join(lines)


def milliseconds(statistic, rounds):
    low, high = interval(statistic, rounds)
    return f"{statistic(rounds):+,.0f} [{low:+,.0f}, {high:+,.0f}]"


def between(one, other):
    """How much later another variant has started: the median of the differences in each round."""
    return lambda rounds: statistics.median(it[other]["start"] - it[one]["start"] for it in rounds)


def target(rounds, key, name, title, statistic, limit, needed="plain", shown=percent):
    """A row, or none if it has not been measured. What is measured is decided only by the whole interval."""
    if key not in rounds or not {name, needed} <= rounds[key][0].keys():
        return []
    low, high = interval(statistic, rounds[key])
    undecided = "0 is in the interval" if shown is milliseconds and low <= 0 else "not decided"
    verdict = "met" if high <= limit else "missed" if low > limit else undecided
    if len(rounds[key]) < ENOUGH:
        verdict = "too few rounds"
    return [
        f"| {title} | {name} | {SETUPS[key].title} | {limit if shown is milliseconds else f'{limit:.0%}'} "
        f"| {shown(statistic, rounds[key])} | {verdict} |"
    ]


def no_sdk(run):
    """no class of the SDK"""
    return run["sdk_classes"] == 0


def few_calls(run):
    """4 + 3 calls, all at once"""
    return run["calls"] == "4 GetParameters of 10, 3 GetSecretValue" and run["at_once"] == 7


def describe_machine():
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{machine()}, {memory:.0f} GB, Linux {platform.release()}, {java_says('-version').splitlines()[1]}"


if __name__ == "__main__":
    main()
