"""Logs records (lines of JSON on standard input) as PyPI's python-logstash-async does over Beats' protocol:
python_logstash_async.py PORT"""

import json
import logging
import sys

from logstash_async.formatter import LogstashFormatter
from logstash_async.handler import AsynchronousLogstashHandler

handler = AsynchronousLogstashHandler(
    "127.0.0.1", int(sys.argv[1]), database_path=None, transport="logstash_async.transport.BeatsTransport"
)
handler.setFormatter(LogstashFormatter(extra_prefix="extra"))
logger = logging.getLogger("app")
logger.setLevel(logging.INFO)
logger.addHandler(handler)
for line in sys.stdin:
    record = json.loads(line)
    logger.info(record["message"], extra={"record": record, "seq": record["seq"]})
logging.shutdown()
