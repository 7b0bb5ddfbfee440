"""The program of the application: `main.py REPORT SECONDS MAKER SENDER KIND WAY…`.

REPORT gets a line of JSON per way: what was seen of an object of KIND that MAKER has made and code of SENDER has sent;
or the error. After SECONDS the process ends, with the stacks of all threads on stderr. Standard library only.
"""

from __future__ import annotations

import faulthandler
import importlib
import json
import sys
import time
import traceback
from pathlib import Path


def main(report: str, seconds: str, maker: str, sender: str, kind: str, *ways: str) -> None:
    """Try every way."""
    faulthandler.dump_traceback_later(float(seconds), exit=True)
    send = importlib.import_module(f"{sender}.ways").send
    for way in ways:
        start = time.perf_counter()
        try:
            found = send(maker, kind, way)
        except Exception as error:
            found = {"error": f"{type(error).__name__}: {error}", "log": traceback.format_exc()}
        found |= {"way": way, "seconds": round(time.perf_counter() - start, 1)}
        with Path(report).open("a", encoding="utf-8") as lines:
            print(json.dumps(found), file=lines)
    faulthandler.cancel_dump_traceback_later()


if __name__ == "__main__":
    main(*sys.argv[1:])
