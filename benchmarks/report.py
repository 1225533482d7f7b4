"""The tables for the terminal, and the picture."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from benchmarks import accuracy, attention, classification, cluster, sampling, speed
from benchmarks.libraries import FUNCTIONS, SCIPY
from minisoftmax import plotting


def table(title: str, columns: Sequence[str], rows: dict[str, list[str]]) -> str:
    """Lay out a table; a column is as wide as its widest entry."""
    first = max(len(name) for name in rows)
    widths = [max(len(cell) for cell in column) for column in zip(columns, *rows.values(), strict=True)]
    lines = [
        "  ".join([name.ljust(first), *(cell.rjust(width) for cell, width in zip(cells, widths, strict=True))])
        for name, cells in {"": columns, **rows}.items()
    ]
    return "\n".join([title, "-" * len(lines[0]), *lines, ""])


def accuracy_tables(errors: accuracy.Errors) -> str:
    """Write a table for each function: kinds of rows down, libraries in both dtypes across."""
    across = unique((library, dtype) for library, _, dtype, _ in errors)
    columns = [f"{library.split()[0]} {dtype}" for library, dtype in across]
    tables = []
    for function in FUNCTIONS:
        rows = {
            kind: [f"{errors[library, function, dtype, kind]:.2g}" for library, dtype in across]
            for kind in unique(kind for *_, kind in errors)
        }
        tables.append(table(f"{function}: largest relative error, in eps", columns, rows))
    return "\n".join(tables)


def speed_tables(times: speed.Figures) -> str:
    """Write a table for each library: how many times as fast as SciPy, and as what share of the speed of a copy."""
    tables = []
    for library in unique(library for library, _ in times):
        own = {case: time for (who, case), time in times.items() if who == library}
        if library != SCIPY.name:
            ratios = {case: times[SCIPY.name, case] / time for case, time in own.items()}
            title = f"{library}: times as fast as {SCIPY.name}, float32 / float64"
            tables.append(table_of_cases(title, ratios, {"geometric mean": geometric_mean, "worst": min}))
        if library not in (speed.COPY.name, speed.FLOOR.name):
            copies = {case: times[speed.COPY.name, case._replace(call="softmax")] for case in own}
            shares = {case: copies[case] / time for case, time in own.items()}
            title = f"{library}: share of the speed of {speed.COPY.name}, float32 / float64"
            tables.append(table_of_cases(title, shares, {"geometric mean": geometric_mean}))
    return "\n".join(tables)


def growth_table(times: speed.Figures) -> str:
    """Write a table of the nanoseconds for each entry of a row that grows, and the slope between lengths."""
    lengths = unique(case.shape[0] for _, case in times)
    rows = {}
    for library in unique(library for library, _ in times):
        own = {case.shape[0]: time for (who, case), time in times.items() if who == library}
        rows[library] = [f"{1e9 * own[n] / n:.3g}" if n in own else "–" for n in lengths]
        rows[f"{library}, slope"] = ["", *(f"{np.log10(own[10 * n] / own[n]):.2f}" for n in lengths[:-1])]
    return table(
        "softmax of one float32 row: nanoseconds an entry, and slope (log–log)", [f"{n:,}" for n in lengths], rows
    )


def cluster_table(figures: dict[str, cluster.Figure]) -> str:
    """Write a row for each size."""
    columns = ["seconds", "MB/s", "most memory of a worker, MiB", "|sum − 1|"]
    rows = {
        name: [f"{own.seconds:.1f}", f"{own.bytes / own.seconds / 1e6:.0f}", f"{own.mib:.0f}", f"{own.error:.1e}"]
        for name, own in figures.items()
    }
    return table("softmax along one axis of a Dask array, two workers of one thread", columns, rows)


def fit_table(figures: dict[str, classification.Figure]) -> str:
    """Write a row for each data set."""
    columns = ["minisoftmax", "scikit-learn", "ratio of times", "our error", "scikit-learn's"]
    rows = {
        name: [
            f"{1000 * own.ours:.1f} ms",
            f"{1000 * own.theirs:.1f} ms",
            f"{own.ours / own.theirs:.2f}",
            f"{own.our_error:.1e}",
            f"{own.their_error:.1e}",
        ]
        for name, own in figures.items()
    }
    return table("fit of a softmax regression: time, and largest error of a probability", columns, rows)


def sampling_table(figures: dict[str, sampling.Figure]) -> str:
    """Write a row for each kind of row of logits."""
    columns = ["minisoftmax", "by argsort", "times as fast"]
    rows = {
        name: [f"{1000 * own.ours:.2f} ms", f"{1000 * own.by_argsort:.2f} ms", f"{own.by_argsort / own.ours:.2f}"]
        for name, own in figures.items()
    }
    return table("top-p of one row: time", columns, rows)


def memory_tables(peaks: speed.Figures) -> str:
    """Write a table for each library."""
    tables = []
    for library in unique(library for library, _ in peaks):
        own = {case: peak for (name, case), peak in peaks.items() if name == library}
        title = f"{library}: most memory beyond the result, in MiB, float32 / float64"
        tables.append(table_of_cases(title, own, {"most": max}))
    return "\n".join(tables)


def attention_tables(figures: attention.Figures) -> str:
    """Write a table without a mask and one that is causal: lengths down, functions across."""
    nothing = attention.Figure(np.nan, np.nan)
    tables = []
    for is_causal in (False, True):
        lengths = unique(case.length for case in figures)
        calls = {
            call: [figures.get(attention.Case(call, n, is_causal), nothing) for n in lengths]
            for call in unique(case.call for case in figures)
        }
        plain, flash = calls[attention.PLAIN], calls[attention.FLASH]
        columns = {f"{call}, ms": [x.seconds * 1e3 for x in own] for call, own in calls.items()}
        columns["flash / plain"] = [ours.seconds / base.seconds for ours, base in zip(flash, plain, strict=True)]
        columns |= {f"{call}, MiB": [x.mib for x in calls[call]] for call in (attention.PLAIN, attention.FLASH)}
        cells = [["–" if np.isnan(x) else f"{x:.2f}" for x in row] for row in zip(*columns.values(), strict=True)]
        rows = {f"{n} tokens": row for n, row in zip(lengths, cells, strict=True)}
        title = f"attention{', causal' * is_causal}: time, and most memory beyond the result"
        tables.append(table(f"{title} (a head of {attention.HEAD_SIZE} float32 features)", list(columns), rows))
    return "\n".join(tables)


def table_of_cases(
    title: str, figures: dict[speed.Case, float], summaries: dict[str, Callable[[Iterable[float]], float]]
) -> str:
    """Lay out a pair of numbers for each case, one for each dtype: arrays down, calls across, summaries below."""
    columns = {}
    for call in unique(case.call for case in figures):
        dtypes = [[x for case, x in figures.items() if case[:2] == (call, dtype)] for dtype in speed.DTYPES]
        pairs = zip(*[[*column, *(choose(column) for choose in summaries.values())] for column in dtypes], strict=True)
        columns[call] = [" / ".join(f"{x:.2f}" for x in pair) for pair in pairs]
    names = [*unique(case.place for case in figures), *summaries]
    rows = zip(*columns.values(), strict=True)
    return table(title, list(columns), dict(zip(names, map(list, rows), strict=True)))


def geometric_mean(ratios: Iterable[float]) -> float:
    """Give the mean that treats twice as fast and half as fast alike."""
    return float(np.exp(np.mean(np.log(list(ratios)))))


def unique(items: Iterable[Any]) -> list[Any]:
    """Keep the first of each."""
    return list(dict.fromkeys(items))


def picture(errors: accuracy.Errors, times: speed.Figures, path: Path) -> None:
    """Draw the errors above and the speeds below, with a panel for each function."""
    plotting.use_style()
    parts = [("largest error, in eps", worst_errors(errors)), ("times as fast as SciPy", mean_ratios(times))]
    parts = [(label, points) for label, points in parts if points]
    figure, grid = plt.subplots(len(parts), 3, figsize=(12, 4 * len(parts)), sharex="row", sharey="row", squeeze=False)
    for axes, (label, points) in zip(grid, parts, strict=True):
        for ax, function in zip(axes, FUNCTIONS, strict=True):
            dots(ax, {(library, row): x for (library, call, row), x in points.items() if call == function})
            ax.set_title(function)
            ax.set_xlabel(label)
    figure.legend(*grid[-1][0].get_legend_handles_labels(), loc="outside lower center", ncols=4)
    figure.savefig(path, **plotting.SVG)
    plt.close(figure)


# For each library, function and row of a panel, where its dot stands.
Points = dict[tuple[str, str, str], float]


def worst_errors(errors: accuracy.Errors) -> Points:
    """Keep the larger error of both dtypes, and draw those that are as good as none at a tenth of an eps."""
    points: Points = {}
    for (library, function, _, kind), error in errors.items():
        points[library, function, kind] = max(points.get((library, function, kind), 0.1), error)
    return points


def mean_ratios(times: speed.Figures) -> Points:
    """Divide SciPy's time by each, and take the geometric mean over both dtypes."""
    both: dict[tuple[str, str, str], list[float]] = {}
    for (library, case), time in times.items():
        if library != speed.COPY.name:
            both.setdefault((library, case.call, case.place), []).append(times[SCIPY.name, case] / time)
    return {key: geometric_mean(values) for key, values in both.items()}


def dots(ax: Axes, points: dict[tuple[str, str], float]) -> None:
    """Draw a row of dots for each name; libraries differ in shape and color, and a little in height, to be seen."""
    rows = unique(row for _, row in points)
    for i, (library, marker) in enumerate(zip(unique(library for library, _ in points), "osD^v|x", strict=False)):
        own = [(points[library, row], y + 0.18 * (i - 1.5)) for y, row in enumerate(rows) if (library, row) in points]
        ax.plot(*zip(*own, strict=True), marker, label=library)
    ax.set_xscale("log")
    ax.set_yticks(range(len(rows)), rows)
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.grid(axis="x", color="#DDDDDD")
