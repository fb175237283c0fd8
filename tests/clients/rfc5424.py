"""Sends the records of standard input (JSON) with PyPI's rfc5424-logging-handler."""
import json
import logging
import socket
import sys

from rfc5424logging import Rfc5424SysLogHandler


class Loud(Rfc5424SysLogHandler):
    def handleError(self, record):
        raise


task = json.load(sys.stdin)
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
for record in task["records"]:
    log.info("%s", record.pop("message"), extra=record)
handler.close()
