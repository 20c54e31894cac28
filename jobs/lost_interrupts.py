"""A Ctrl-C that comes where Python can only report it, raised again: it would be lost, with a traceback.

That is so in the callback of a weak reference, such as importing has, and in `__del__`.
"""

import _thread
import signal
import sys
import threading

AGAIN_SECONDS = 0.05


def interrupt_main_thread() -> None:
    """As Ctrl-C does. On Windows a wait goes on to its end first."""
    if hasattr(signal, "pthread_kill"):
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
    else:
        _thread.interrupt_main()


def raise_lost_interrupts() -> None:
    """From now on, until the process ends. For the main thread, which alone is interrupted."""
    report = sys.unraisablehook

    def raise_again(lost: "sys.UnraisableHookArgs") -> None:
        if not issubclass(lost.exc_type, KeyboardInterrupt):
            report(lost)
            return
        signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored, where another signal was the cause
        threading.Timer(AGAIN_SECONDS, interrupt_main_thread).start()

    sys.unraisablehook = raise_again
