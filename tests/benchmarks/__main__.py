"""Run a benchmark by name: `python -m tests.benchmarks main-job --json`."""

import json
import sys

from tests.benchmarks import direction, main_job, process, sign

BENCHMARKS = {
    "main-job": main_job.measure,
    "process": process.measure,
    "sign": sign.measure,
    "direction": direction.measure,
}


def main() -> int:
    """Print the results of one benchmark; 2 when there is none of that name."""
    names = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
    if len(names) != 1 or names[0] not in BENCHMARKS:
        sys.stderr.write(f"bench: one of {', '.join(BENCHMARKS)}\n")
        return 2
    results = BENCHMARKS[names[0]]()
    if "--json" in sys.argv:
        sys.stdout.write(json.dumps(results, ensure_ascii=False) + "\n")
    else:
        for name, value in results.items():
            sys.stdout.write(f"{name:<28} {value}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
