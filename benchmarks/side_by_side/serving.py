"""A worker process: ``python -m benchmarks.side_by_side.serving MODULE`` answers requests in JSON lines.

The first line on stdin is the `Setting`; each further one names a task, which is run once. What
libraries print goes to stderr, and between requests the process waits, blocked.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import traceback
from typing import Any


def main() -> None:
    """Serve the tasks of the module that the command line names, until stdin ends."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def answer(**fields: Any) -> None:
        print(json.dumps(fields), file=answers, flush=True)

    tasks: dict[str, Any] = {}
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if "setting" in request:
                from benchmarks.side_by_side.setting import Setting

                module = importlib.import_module(sys.argv[1])
                tasks = module.tasks(Setting.from_json(request["setting"]))
                answer(versions=module.VERSIONS)
            else:
                answer(value=tasks[request["run"]]())
        except Exception as error:
            traceback.print_exc()
            answer(error=f"{type(error).__name__}: {error}".splitlines()[0])


if __name__ == "__main__":
    main()
