"""Prints the endpoint of the LocalStack of an owner, which it starts if need be, and the Python that runs it.

The owner is a process: whoever names the same one gets the same LocalStack, and it ends when the owner does.
Arguments: a folder to keep things in, the process id of the owner, a name for the owner that never comes again, the
requirements to install, and the program that runs LocalStack.
"""

import fcntl
import hashlib
import http.client
import os
import pathlib
import platform
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import venv


def end_with_input():
    """Ends this process and a pip that it runs when the process that started it is gone."""
    os.read(0, 1)
    os.killpg(0, signal.SIGKILL)


def install():
    part = cache / (folder.name + ".part")
    # Dangling, so absent, if the Python that it links to was removed.
    if not (folder / "bin/python").exists():
        venv.create(part, clear=True, symlinks=True, with_pip=True)
        pip = [part / "bin/python", "-I", "-m", "pip", "install", "--no-input", "-r", "/dev/stdin"]
        if subprocess.run(pip, input=requirements, text=True, stdout=sys.stderr).returncode:
            sys.exit("LocalStack is not installed")
        # Only now, as a folder of that name has to be a complete one.
        shutil.rmtree(folder, ignore_errors=True)
        part.rename(folder)


def start():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    # Nothing of ours, be it AWS_PROFILE or PERSISTENCE, is meant for LocalStack.
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "TMPDIR": str(home),
        "LOCALSTACK_VOLUME_DIR": str(home / "volume"),
        "GATEWAY_LISTEN": f"127.0.0.1:{port}",
        "SERVICES": "ssm,secretsmanager,kms,sts,iam",
        "DISABLE_EVENTS": "1",
        "DNS_ADDRESS": "0",
        "SKIP_SSL_CERT_DOWNLOAD": "1",
    }
    log = home / "localstack.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [folder / "bin/python", "-I", "-c", program, owner, home],
            env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True)
    deadline = time.monotonic() + 90
    while not is_ready(port):
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            sys.exit(f"LocalStack does not start, see {log}:\n" + log.read_text())
        time.sleep(0.05)
    return port


def is_ready(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/_localstack/health")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


cache, owner, home, requirements, program = sys.argv[1:]
cache = pathlib.Path(cache)
home = cache / "run" / home
version = platform.python_version()
folder = cache / ("localstack-" + hashlib.sha256((requirements + version).encode()).hexdigest()[:16])
os.setsid()
threading.Thread(target=end_with_input, daemon=True).start()
home.mkdir(parents=True, exist_ok=True)
with (cache / "lock").open("w") as lock:
    fcntl.flock(lock, fcntl.LOCK_EX)
    state = home / "port"
    if not (state.exists() and is_ready(int(state.read_text()))):
        install()
        state.write_text(str(start()))
    print("http://127.0.0.1:" + state.read_text())
    print(folder / "bin/python")
