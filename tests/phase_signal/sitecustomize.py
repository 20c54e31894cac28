"""Send the process a signal when it first calls a function.

PHASE is `path/of/file.py:function`, PHASE_SIGNAL a number.
"""

import os
import sys
import threading

FILE, _, FUNCTION = os.environ["PHASE"].rpartition(":")
SENT = threading.Event()


def watch(frame, event, _):
    if event == "call" and frame.f_code.co_name == FUNCTION and frame.f_code.co_filename.endswith(FILE):
        if not SENT.is_set():
            SENT.set()
            os.kill(os.getpid(), int(os.environ["PHASE_SIGNAL"]))
        sys.setprofile(None)


sys.setprofile(watch)
threading.setprofile(watch)
