"""Sends records (lines of JSON on standard input, their tags from themselves) as PyPI's fluent-logger does:
fluent_logger.py PORT"""

import json
import sys

from fluent import sender

logger = sender.FluentSender(None, host="127.0.0.1", port=int(sys.argv[1]), nanosecond_precision=True)
for line in sys.stdin:
    record = json.loads(line)
    tag = record["tags"][record["seq"] % len(record["tags"])]
    assert logger.emit(tag, record), logger.last_error
logger.close()
