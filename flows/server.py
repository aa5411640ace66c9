"""`prefect`, in a process that ends with the one that started it.

`python -m flows.server server start …` runs the Prefect command line. The starting process holds
the other end of standard input; when that closes, for whatever reason, so does this process.
"""

from __future__ import annotations

import os
import signal
import sys
import threading


def _end_with_parent() -> None:
    os.read(0, 1)
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    threading.Thread(target=_end_with_parent, daemon=True).start()
    from prefect.cli import app

    sys.argv[0] = "prefect"
    app()
