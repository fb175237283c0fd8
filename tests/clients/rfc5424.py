"""Sends records with PyPI's rfc5424-logging-handler: a task is one line of JSON. Says "half" when it has sent half of
them, and goes on when it hears a line."""
import json
import logging
import socket
import sys

from rfc5424logging import Rfc5424SysLogHandler


class Loud(Rfc5424SysLogHandler):
    def handleError(self, record):
        raise


task = json.loads(sys.stdin.readline())
handler = Loud(
    address=("127.0.0.1", task["port"]),
    socktype=socket.SOCK_STREAM,
    framing=1 if task["counted"] else 2,
    tls_enable="ca" in task,
    tls_ca_bundle=task.get("ca"),
)
log = logging.getLogger("app")
log.setLevel(logging.INFO)
log.addHandler(handler)
records = task["records"]
for i, record in enumerate(records):
    if i == len(records) // 2:
        print("half", flush=True)
        sys.stdin.readline()
    log.info("%s", record.pop("message"), extra=record)
handler.close()
