"""The page: one file that needs nothing else, and loads itself again while the run goes on."""

from __future__ import annotations

from html import escape

from heron_ms.cli.report.html import Markup, Piece, bar, facts, section, table
from heron_ms.cli.report.pictures import draw_convergence, draw_roofline, has_roof
from heron_ms.cli.report.style import CSS
from heron_ms.cli.report.summary import Summary
from heron_ms.cli.report.task import Task

RELOADED = 5
"""Seconds after which the page of a run that goes on loads itself again."""

_LEARNED = 3
"""Tasks of which is shown what the model of each goes by."""


def page(summary: Summary) -> str:
    """HTML of the whole."""
    again = f'<meta http-equiv="refresh" content="{RELOADED}">' if summary.is_running else ""
    title = escape(str(summary.last["subject"]))
    alone = [task.calls for task in summary.tasks] == [1]
    under = _UNDER[has_roof(summary.tasks, summary.roof)]
    return f"""\
<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">{again}
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} – heron-ms</title>
<style>
{CSS}</style></head>
<body><main>
{_head(summary)}
{_cards(summary)}
<div class="pair">
{section("Convergence", draw_convergence(summary.points, alone), _CONVERGENCE[alone])}
{section("Roofline", draw_roofline(summary.tasks, summary.roof), _ROOFLINE + under)}
</div>
{section("Tasks", _tasks(summary))}
<div class="pair">
{section("What the model learned", *map(_learned, _with_model(summary)))}
<div>
{section("Failures", _failures(summary))}
{section("Where the time went", _phases(summary))}
</div></div>
{section("Runs", _runs(summary), _last(summary))}
</main></body></html>
"""


_CONVERGENCE = {
    False: """\
<p class="soft">The line is the fastest program of each task so far, all calls; a task that was not
measured yet counts as its first program that ran.</p>""",
    True: """\
<p class="soft">The line is the fastest program so far; <span class="dot">●</span> is what each
candidate took.</p>""",
}
"""Of several tasks, and of one alone."""

_ROOFLINE = """\
<p class="soft"><span class="dot b">●</span> with an intrinsic, <span class="dot">●</span> without;
○ the first program that ran."""

_UNDER = {
    True: """
The solid line is the roof with operands in the second cache, the dashed one from memory.</p>""",
    False: """
There is no roof, because no peak was measured for operands of this type on this CPU.</p>""",
}
"""Whether there is a roof."""


def _head(summary: Summary) -> str:
    last = summary.last
    how = escape(str(last["how"]))
    verdict = summary.check["words"] if summary.check else ""
    return (
        f'<h1>{escape(str(last["subject"]))} <span class="chip {how}">{how}</span></h1>\n'
        f'<p class="soft">{escape(last["cpu"])}, {last["cores"]} core(s)</p>\n'
        f"<pre><code>{escape(last['command'])}</code></pre>\n"
        + (f"<p>{escape(verdict)}</p>" if verdict else "")
        + (f"<p>{escape(last['error'])}</p>" if last["error"] else "")
    )


def _cards(summary: Summary) -> str:
    tried = sum(task.tried for task in summary.tasks)
    failed = sum(failure.count for failure in summary.failures)
    measured = sum(task.best is not None for task in summary.tasks)
    cards = [
        ("best so far" if summary.is_running else "best", milliseconds(summary.best)),
        ("of the first programs", times(summary.first, summary.best)),
        *_share_card(summary),
        ("candidates", f"{tried}"),
        ("failed", f"{failed}"),
        ("tasks measured", f"{measured} of {len(summary.tasks)}"),
        ("seconds, all runs", f"{sum(run['seconds'] for run in summary.runs):.0f}"),
    ]
    boxes = "".join(
        f'<div class="card"><b>{escape(value)}</b><span>{escape(name)}</span></div>'
        for name, value in cards
    )
    return f'<div class="cards">{boxes}</div>'


def _share_card(summary: Summary) -> list[tuple[str, str]]:
    shares = [task.share for task in summary.tasks]
    alone = shares[0] if len(shares) == 1 else None
    return [] if alone is None else [("of the roof", f"{alone:.0%}")]


def _tasks(summary: Summary) -> str:
    columns = ["@task", ">calls", ">first ms", ">best ms", ">×", ">share of time", ">GOP/s"]
    rows = [_row(task, summary.best) for task in summary.tasks]
    return table([*columns, ">of the roof", ">tried", ">failed", "*by"], rows)


def _row(task: Task, whole: float) -> list[Piece]:
    return [
        task.name,
        task.calls,
        milliseconds(task.first, unit=""),
        milliseconds(task.best, unit=""),
        times(task.first, task.best),
        f"{task.total / whole:.1%}" if task.best and whole else None,
        None if task.gops is None else f"{task.gops:.1f}",
        None if task.share is None else f"{task.share:.0%}",
        task.tried,
        task.failed,
        task.left or task.mapping or task.why,
    ]


def _with_model(summary: Summary) -> list[Task]:
    return [task for task in summary.tasks if task.importance][:_LEARNED]


def _learned(task: Task) -> str:
    most = max(task.importance.values())
    first = list(task.importance.items())[:8]
    rows: list[list[Piece]] = [[name, f"{share:.0%}", bar(share / most)] for name, share in first]
    name = f'<p class="soft">{escape(task.name)}: how much its cost model goes by each variable</p>'
    return name + table(["variable", ">share", "="], rows)


def _failures(summary: Summary) -> str:
    if not summary.failures:
        return "<p>None.</p>"
    rows: list[list[Piece]] = [
        [failure.kind, failure.count, failure.example] for failure in summary.failures
    ]
    return table(["kind", ">candidates", "*the last of them"], rows)


def _phases(summary: Summary) -> str:
    whole = sum(summary.phases.values()) or 1.0
    rows: list[list[Piece]] = [
        [name, f"{seconds:.1f}", bar(seconds / whole)] for name, seconds in summary.phases.items()
    ]
    return table(["phase", ">seconds", "="], rows)


def _runs(summary: Summary) -> str:
    rows: list[list[Piece]] = [
        [
            number,
            Markup(f'<span class="chip {run["how"]}">{run["how"]}</span>'),
            run["tried"],
            f"{run['seconds']:.0f}",
            run["strategy"],
            run["seed"],
            run["command"],
        ]
        for number, run in enumerate(summary.runs, 1)
    ]
    return table(["", "", ">tried", ">seconds", "search", ">seed", "*command"], rows)


def _last(summary: Summary) -> str:
    names = ("target", "trials", "budget_seconds", "until", "seed", "strategy", "preset")
    versions = ("heron_ms", "tvm", "python", "numpy", "xgboost")
    last = summary.last
    return "<br>" + facts((name.replace("_", " "), last[name]) for name in (*names, *versions))


def milliseconds(seconds: float | None, unit: str = " ms") -> str:
    """As the page shows a time."""
    return f"{seconds * 1e3:.4g}{unit}" if seconds else "–"


def times(before: float | None, after: float | None) -> str:
    """How many times faster."""
    return f"{before / after:.2f} ×" if before and after else "–"
