"""Parameter Store, Secrets Manager and the credentials endpoint of ECS, as far as a start needs them.

Every call of the two services takes the same time, and is recorded.
"""

import http.server
import json
import ssl
import threading
import time

ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:"
# Such as AWS adds to a secret's name in its ARN.
SUFFIX = "-AbCdEf"


class Aws:
    def __init__(self, parameters, secrets, delay, certificate):
        """Serves parameters by their names, and JSON secrets by their names and ARNs."""
        self.parameters, self.secrets, self.delay = parameters, secrets, delay
        self.lock = threading.Lock()
        self.reset()
        self.endpoint = f"http://127.0.0.1:{self._serve(_Services)}"
        self.tls_endpoint = f"https://localhost:{self._serve(_Services, certificate)}"
        self.credentials_endpoint = f"http://127.0.0.1:{self._serve(_Credentials)}/credentials"

    def reset(self):
        """Forgets the calls of the run before."""
        self.calls, self.in_flight, self.at_once, self.credentials_calls = [], 0, 0, 0

    def _serve(self, handler, certificate=None):
        server = _Server(("127.0.0.1", 0), handler)
        server.aws = self
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            # Not in the thread that accepts, where it would hold up the connections after it.
            server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server.server_port

    def answer(self, action, request):
        if action == "AmazonSSM.GetParameters":
            known = [name for name in request["Names"] if name in self.parameters]
            return {
                "Parameters": [self._parameter(name) for name in known],
                "InvalidParameters": [name for name in request["Names"] if name not in known],
            }
        if action == "AmazonSSM.GetParameter":
            return {"Parameter": self._parameter(request["Name"])}
        if action == "AmazonSSM.GetParametersByPath":
            names = sorted(name for name in self.parameters if name.startswith(request["Path"]))
            start = int(request.get("NextToken", "0"))
            end = start + request.get("MaxResults", 10)
            page = {"Parameters": [self._parameter(name) for name in names[start:end]]}
            return page | ({"NextToken": str(end)} if end < len(names) else {})
        if action == "secretsmanager.GetSecretValue":
            name = request["SecretId"].removeprefix(ARN).removesuffix(SUFFIX)
            return {"Name": name, "SecretString": json.dumps(self.secrets[name])}
        raise KeyError(action)

    def _parameter(self, name):
        return {"Name": name, "Type": "SecureString", "Value": self.parameters[name]}


class _Server(http.server.ThreadingHTTPServer):
    # More than the calls of a start. Beyond it, connections are dropped, and tried again a second later.
    request_queue_size = 64

    def handle_error(self, *_):
        """Says nothing: clients that are killed break connections, and others tell by themselves what went wrong."""


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # One segment for each answer, sent at once.
    wbufsize = -1
    disable_nagle_algorithm = True

    def reply(self, status, body):
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


class _Services(_Handler):
    def do_POST(self):
        aws, action = self.server.aws, self.headers["X-Amz-Target"]
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with aws.lock:
            aws.calls.append(action.split(".")[1] + (f" of {len(request['Names'])}" if "Names" in request else ""))
            aws.in_flight += 1
            aws.at_once = max(aws.at_once, aws.in_flight)
        time.sleep(aws.delay)
        with aws.lock:
            aws.in_flight -= 1
        try:
            if not self.headers.get("Authorization", "").startswith("AWS4-HMAC-SHA256 "):
                raise PermissionError("not signed")
            self.reply(200, aws.answer(action, request))
        except (KeyError, PermissionError) as ex:
            self.reply(400, {"__type": "ValidationException", "message": repr(ex)})


class _Credentials(_Handler):
    def do_GET(self):
        with self.server.aws.lock:
            self.server.aws.credentials_calls += 1
        expiration = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 6 * 3600))
        self.reply(200, {"AccessKeyId": "AKIA", "SecretAccessKey": "key", "Token": "token", "Expiration": expiration})
