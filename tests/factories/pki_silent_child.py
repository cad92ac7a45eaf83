"""Run as a child process: say that it is ready, read, and never answer."""

import sys
import time

from signing.verification.wire import READY, read_message, write_message

if __name__ == "__main__":
    read_message(sys.stdin.buffer, max_bytes=1024)
    write_message(sys.stdout.buffer, READY)
    while True:
        time.sleep(60)
