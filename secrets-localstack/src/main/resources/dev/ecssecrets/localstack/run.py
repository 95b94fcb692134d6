"""Runs LocalStack for as long as another process, its owner, lives.

Arguments: the process id of the owner, and the folder to delete in the end.
"""

import functools
import os
import shutil
import signal
import sys
import threading

import psutil
from localstack.runtime.main import main
from twisted.internet import endpoints


def end_with_owner():
    owner.wait()
    shutil.rmtree(folder, ignore_errors=True)
    os.killpg(0, signal.SIGKILL)


owner, folder = psutil.Process(int(sys.argv[1])), sys.argv[2]
threading.Thread(target=end_with_owner, daemon=True).start()

# Whatever GATEWAY_LISTEN says, LocalStack listens on all interfaces by itself.
endpoints.TCP4ServerEndpoint = functools.partial(endpoints.TCP4ServerEndpoint, interface="127.0.0.1")

main()
