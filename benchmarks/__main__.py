"""Measure, print the tables, save the picture."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import benchmarks
from benchmarks import accuracy, attention, classification, cluster, report, sampling, speed, stored
from benchmarks.libraries import installed

PARTS = ("accuracy", "speed", "growth", "memory", "attention", "fit", "sampling", "cluster", "stored")


def main(arguments: Sequence[str] | None = None) -> None:
    """Do what the command line says."""
    parser = argparse.ArgumentParser("python -m benchmarks", description=benchmarks.__doc__)
    parser.add_argument("--quick", action="store_true", help="small arrays and few rows, in seconds")
    parser.add_argument("--only", choices=PARTS, action="append", help="measure this part alone; may be repeated")
    parser.add_argument(
        "--picture", type=Path, default=Path(__file__).with_name("results.svg"), help="where to save it: %(default)s"
    )
    options = parser.parse_args(arguments)
    parts = options.only or PARTS
    libraries = installed()
    print("\n".join(library.name for library in libraries), end="\n\n")
    errors: accuracy.Errors = {}
    times: speed.Figures = {}
    if "accuracy" in parts:
        errors = accuracy.measure(libraries, options.quick, progress)
        show(report.accuracy_tables(errors))
    if "speed" in parts:
        times = speed.measure_speed(options.quick, progress)
        show(report.speed_tables(times))
    if "growth" in parts:
        show(report.growth_table(speed.measure_growth(options.quick, progress)))
    if "memory" in parts:
        show(report.memory_tables(speed.measure_memory(options.quick, progress)))
    if "attention" in parts:
        show(report.attention_tables(attention.measure(options.quick, progress)))
    if "fit" in parts:
        show(report.fit_table(classification.measure(options.quick, progress)))
    if "sampling" in parts:
        show(report.sampling_table(sampling.measure(options.quick, progress)))
    if "cluster" in parts and cluster.is_installed() and (options.only or not options.quick):
        show(report.cluster_table(cluster.measure(options.quick, progress)))
    if "stored" in parts and not options.quick:
        show(stored.compare())
    if errors or times:
        report.picture(errors, times, options.picture)
        print(f"picture: {options.picture}")


def progress(doing: str) -> None:
    """Say what is being measured, on a line that the next one overwrites."""
    if sys.stderr.isatty():
        print(f"\r\033[K{doing}", end="", file=sys.stderr, flush=True)


def show(tables: str) -> None:
    """Print the tables where the progress stood."""
    progress("")
    print(tables, flush=True)


if __name__ == "__main__":
    main()
