"""Sends records (lines of JSON on standard input) as PyPI's fluent-logger does: fluent_logger.py PORT TAG"""

import json
import sys

from fluent import sender

logger = sender.FluentSender(sys.argv[2], host="127.0.0.1", port=int(sys.argv[1]), nanosecond_precision=True)
for line in sys.stdin:
    assert logger.emit(None, json.loads(line)), logger.last_error
logger.close()
