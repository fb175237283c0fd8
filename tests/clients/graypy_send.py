"""Logs records (lines of JSON on standard input) as PyPI's graypy does: graypy_send.py udp|tcp PORT zlib|plain

Over UDP it waits for a line behind each record: nothing else says that the other side keeps up."""

import json
import logging
import sys

import graypy

kind, port, coding = sys.argv[1:]
if kind == "tcp":
    handler = graypy.GELFTCPHandler("127.0.0.1", int(port))
else:
    chunker = graypy.handler.GELFWarningChunker(chunk_size=500)
    handler = graypy.GELFUDPHandler("127.0.0.1", int(port), gelf_chunker=chunker, compress=coding == "zlib")
logger = logging.getLogger("app")
logger.setLevel(logging.INFO)
logger.addHandler(handler)
for line in sys.stdin:
    record = json.loads(line)
    logger.info(record["message"], extra={"seq": record["seq"], "record": record})
    print(f"sent {record['seq']}", flush=True)
logging.shutdown()
