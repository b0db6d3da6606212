# SPDX-FileCopyrightText: 2026 The spurn authors
# SPDX-License-Identifier: ISC
"""The results as a picture (SVG): memory, start and processor time of each server beside its peers.

Memory and start differ by powers of ten from list to list, so they are points on logarithmic axes;
processor time is bars from nothing, since it is made of two parts."""

import math
from xml.sax.saxutils import escape

from . import targets

WIDTH = 1000
LABELS = 40  # where server names begin
PANELS = ((190, 430), (470, 690), (730, 950))  # left and right ends of the axes
TOP = 138
ROW, GROUP, GAP = 20, 26, 10  # heights of a server, a benchmark's title, and between benchmarks
FOOT = 64

STYLE = """
.card{fill:#fff;stroke:#d0d7de}.ink{fill:#1f2328}.muted{fill:#59636e}
.grid{stroke:#e4e8ec}.ours{fill:#2f6fd0}.theirs{fill:#8c959f}
.range-ours{stroke:#2f6fd0}.range-theirs{stroke:#8c959f}.hollow{fill:#fff}
.kernel-ours{fill:#b5cdf0}.kernel-theirs{fill:#d5d9de}
@media (prefers-color-scheme:dark){
.card{fill:#10151c;stroke:#30363d}.ink{fill:#e6edf3}.muted{fill:#9aa4af}
.grid{stroke:#252c35}.ours{fill:#4f8ff0}.theirs{fill:#8b949e}
.range-ours{stroke:#4f8ff0}.range-theirs{stroke:#8b949e}.hollow{fill:#10151c}
.kernel-ours{fill:#294a7c}.kernel-theirs{fill:#3d444d}}
"""


def _figure(value):
    """A number with two or three digits that count."""
    if value < 0.1:
        return f"{value:.3f}"
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


class _Axis:
    """From values to places; logarithmic or from 0."""

    def __init__(self, ends, values, is_log):
        self.ends, self.is_log = ends, is_log
        self.top = max(values, default=1)
        if is_log:
            self.low = math.floor(math.log10(min(values, default=1)))
            self.high = max(math.ceil(math.log10(self.top)), self.low + 1)

    def at(self, value):
        """Where a value is."""
        left, right = self.ends
        if self.is_log:
            part = (math.log10(value) - self.low) / (self.high - self.low)
        else:
            part = value / (self.top * 1.25)  # room for the label behind the longest bar
        return left + part * (right - left)

    def ticks(self):
        """Values to mark."""
        if self.is_log:
            return [10.0**power for power in range(self.low, self.high + 1)]
        step = next(step for step in (0.2, 0.5, 1, 2, 5, 10, 20, 50, 1e9) if self.top / step <= 6)
        return [step * number for number in range(int(self.top * 1.25 / step) + 1)]


class _Picture:
    def __init__(self):
        self.parts = []

    def text(self, x, y, text, classes="ink", **attributes):
        """A line of text; `attributes` are SVG's, with _ for -."""
        more = "".join(f' {key.replace("_", "-")}="{value}"' for key, value in attributes.items())
        self.parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" class="{classes}"{more}>{escape(text)}</text>'
        )

    def bar(self, x, y, width, height, classes):
        """A rectangle."""
        self.parts.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height}" class="{classes}"/>'
        )

    def dot(self, x, y, classes):
        """A point."""
        self.parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.5" class="{classes}"/>')

    def line(self, x, y, x_end, y_end, classes, width=1):
        """A line."""
        self.parts.append(
            f'<line x1="{x:.1f}" y1="{y:.1f}" x2="{x_end:.1f}" y2="{y_end:.1f}" '
            f'class="{classes}" stroke-width="{width}"/>'
        )


def _axes(results):
    every = [server["figures"] for result in results for server in result["servers"]]
    memory = [figures[key] / 1e6 for figures in every for key in ("rss", "peak")]
    starts = [figures["start_s"] for figures in every]
    return (
        _Axis(PANELS[0], memory, True),
        _Axis(PANELS[1], starts, True),
        _Axis(PANELS[2], [figures["cpu_us"] for figures in every], False),
    )


def _headings(picture, axes, bottom):
    words = (
        ("Memory, MB", "● after loading   ○ peak at start; log scale"),
        ("Start to first answer, s", "● all processors; log scale"),
        ("CPU per query, µs", "strong: the program   pale: the kernel"),
    )
    for axis, (title, legend) in zip(axes, words):
        left = axis.ends[0]
        picture.text(left, TOP - 50, title, font_weight="600")
        picture.text(left, TOP - 34, legend, "muted", font_size="10.5")
        for value in axis.ticks():
            x = axis.at(value)
            picture.line(x, TOP - 8, x, bottom, "grid")
            for y in (TOP - 14, bottom + 14):
                picture.text(x, y, f"{value:g}", "muted", font_size="10.5", text_anchor="middle")


def _row(picture, axes, y, server, whose):
    """The marks of one server."""
    figures, (memory, start, cpu) = server["figures"], axes
    weight = {"font_weight": "600"} if whose == "ours" else {}
    picture.text(LABELS, y + 4, server["label"], **weight)
    rss, peak = figures["rss"] / 1e6, figures["peak"] / 1e6
    picture.line(memory.at(rss), y, memory.at(peak), y, f"range-{whose}", 2)
    picture.dot(memory.at(peak), y, f"hollow range-{whose}")
    picture.dot(memory.at(rss), y, whose)
    picture.text(memory.at(peak) + 8, y + 4, _figure(rss), font_size="11", **weight)
    picture.dot(start.at(figures["start_s"]), y, whose)
    x = start.at(figures["start_s"]) + 8
    picture.text(x, y + 4, _figure(figures["start_s"]), font_size="11", **weight)
    left, middle, right = cpu.at(0), cpu.at(figures["user_us"]), cpu.at(figures["cpu_us"])
    picture.bar(left, y - 6, middle - left, 12, whose)
    picture.bar(middle, y - 6, right - middle, 12, f"kernel-{whose}")
    told = f"{figures['user_us']:.2f} + {figures['system_us']:.2f}"
    picture.text(right + 6, y + 4, told, font_size="11", **weight)


def _count(number):
    return f"{number:,}"


def draw(results, machine, date):
    """The picture, as text."""
    height = TOP + FOOT
    height += sum(GROUP + GAP + ROW * len(result["servers"]) for result in results)
    bottom, axes, picture = height - FOOT, _axes(results), _Picture()
    title = "spurnd and its peers, each with the same list on the same processor"
    picture.text(LABELS, 42, title, font_size="20", font_weight="600")
    picture.text(LABELS, 64, f"{machine['processor']}, {machine['kernel']}, {date}", "muted")
    _headings(picture, axes, bottom)
    y = TOP
    for result in results:
        title = f"{_count(result['entries'])} entries: {result['title']}"
        picture.text(LABELS - 12, y + 18, title, "muted", font_weight="600")
        y += GROUP
        for server in result["servers"]:
            whose = "ours" if targets.is_ours(server) else "theirs"
            _row(picture, axes, y + ROW / 2, server, whose)
            y += ROW
        y += GAP
    told = "Numbers: memory after loading, median start, user + system time of a query."
    picture.text(LABELS, height - 22, told, "muted", font_size="11")
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
        f'viewBox="0 0 {WIDTH} {height}" role="img" aria-labelledby="title" font-size="12.5" '
        "font-family=\"system-ui,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif\">\n"
        '<title id="title">Memory, start and CPU per query of spurnd and its peers</title>\n'
        f'<style type="text/css">{STYLE}</style>\n'
        f'<rect class="card" x="0.5" y="0.5" width="{WIDTH - 1}" height="{height - 1}" rx="10"/>\n'
        + "\n".join(picture.parts)
        + "\n</svg>\n"
    )
