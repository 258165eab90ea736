"""Keeps one child process, and ends it with its whole process group when our owner goes away.

Usage: keeper.py SCRATCH COMMAND [ARGUMENT...]

The owner holds the other end of our stdin, so the end of stdin is the end of the owner, however it ended. SCRATCH is
a folder that is removed afterwards. Our exit code is the child's.
"""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time

PATIENCE = 5.0  # seconds between asking and insisting


def main(scratch, command):
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)

    def end(sign):
        try:
            os.killpg(child.pid, sign)
        except ProcessLookupError:
            pass

    def wait_for_owner():
        sys.stdin.buffer.read()
        end(signal.SIGTERM)
        time.sleep(PATIENCE)
        end(signal.SIGKILL)

    signal.signal(signal.SIGTERM, lambda *_: end(signal.SIGTERM))
    threading.Thread(target=wait_for_owner, daemon=True).start()
    code = child.wait()
    end(signal.SIGKILL)  # what the child started and left behind
    shutil.rmtree(scratch, ignore_errors=True)
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    code = main(sys.argv[1], sys.argv[2:])
    sys.stdout.flush()
    os._exit(code)  # the thread still reads stdin; a normal exit would wait for its lock
