"""Sends records (lines of JSON on standard input) in windows of 50, as PyPI's pylogbeat does, and says `ack SEQ` for
each that was acknowledged. Where the connection fails, it is made again and the window sent again:
pylogbeat_send.py PORT"""

import json
import sys

from pylogbeat import ConnectionException, PyLogBeatClient


def send(window):
    while True:
        try:
            with PyLogBeatClient("127.0.0.1", int(sys.argv[1]), timeout=60) as client:
                client.send(window)
            break
        except (ConnectionException, OSError):
            print("failed", flush=True)
    for record in window:
        print(f"ack {record['seq']}", flush=True)


window = []
for line in sys.stdin:
    window.append(json.loads(line))
    if len(window) == 50:
        send(window)
        window = []
if window:
    send(window)
