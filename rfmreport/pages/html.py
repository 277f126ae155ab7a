"""The report as HTML, for the screen and for the PDF: the only home of the report's templates."""

from __future__ import annotations

from base64 import b64encode
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from traceback import extract_tb
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote

from jinja2 import (
    BytecodeCache,
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    StrictUndefined,
    TemplateSyntaxError,
)
from markupsafe import Markup

from rfmreport.errors import RfmReportError, SettingsError
from rfmreport.formats import Formats
from rfmreport.kit import tables
from rfmreport.kit.colors import checked_color, on_dark_page, ramp_rules, text_on
from rfmreport.kit.fonts import font_faces
from rfmreport.kit.svg import image_address, screen_svg
from rfmreport.sections.map.page import spread_block
from rfmreport.sections.registry import REPORT, told_sections
from rfmreport.sections.summary.page import (
    how_sure,
    next_steps,
    strip_heading,
    supposed,
    written_kpi,
)
from rfmreport.settings.resources import resource_dir

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from types import CodeType

    from jinja2.bccache import Bucket

    from rfmreport.kit.charted import Chart
    from rfmreport.kit.sections import Medium
    from rfmreport.report import Report

PageSize = Literal["A4", "Letter"]
MOST_ROWS = {"screen": 1_000, "print": 50}
_FORMAT_FILTERS = (
    "count", "number", "money", "money_short", "share", "relative_change", "points_change",
    "count_change", "day", "month", "month_short",
)  # fmt: skip


def render_html(
    report: Report,
    charts: Iterable[Chart],
    *,
    data_files: Sequence[str],
    template_dir: Path | None,
) -> str:
    """Return the report as one page that opens from disk and asks nobody for anything.

    Args:
        report: What is printed.
        charts: The drawn charts, of the same report; they are asked for as late as possible.
        data_files: Paths of the files written beside the page, relative to it, to link to.
        template_dir: The user's templates, searched before those that ship.
    """
    page = Page("screen", report, charts, tuple(data_files), template_dir)
    return page.rendered("report.html.j2", script=page.source("report.js"))


def render_print_html(
    report: Report,
    charts: Iterable[Chart],
    *,
    page_size: PageSize,
    template_dir: Path | None,
) -> str:
    """Return the report as the page that becomes the PDF: same sections, laid out for paper."""
    page = Page("print", report, charts, (), template_dir)
    return page.rendered("print.html.j2", page_size=page_size)


class _CompiledOnce(BytecodeCache):
    """Templates as they were compiled for an earlier page: that takes as long as to fill them."""

    def __init__(self) -> None:
        self.codes: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self.codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code:
            self.codes[bucket.key, bucket.checksum] = bucket.code


_COMPILED = _CompiledOnce()


def environment(template_dir: Path | None, formats: Formats) -> Environment:
    """Return the template environment: everything is escaped, and a misspelt name is an error."""
    folders = [folder for folder in (template_dir, resource_dir("templates")) if folder]
    env = Environment(
        loader=ChoiceLoader([FileSystemLoader(folder) for folder in folders]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        bytecode_cache=_COMPILED,
    )
    env.filters |= {name: getattr(formats, name) for name in _FORMAT_FILTERS}
    env.filters |= {"shown": tables.shown, "file_href": file_href}
    return env


@contextmanager
def slips_are_told(template_dir: Path | None) -> Iterator[None]:
    """Say in one line where a template of the user's is wrong; a fault of ours stays as it is."""
    try:
        yield
    except RfmReportError:
        raise
    except Exception as error:
        place = _place_in(template_dir, error) if template_dir else None
        if place is None:
            raise
        reason = " ".join(str(error).split()) or type(error).__name__
        message = f"{place}: this template cannot be used: {reason}"
        raise SettingsError(message) from error


def _place_in(template_dir: Path, error: Exception) -> str | None:
    """Return file and line of the user's template from which an error comes."""
    places = [(frame.filename, frame.lineno) for frame in extract_tb(error.__traceback__)]
    if isinstance(error, TemplateSyntaxError) and error.filename:
        places.append((error.filename, error.lineno))
    inside = [(name, line) for name, line in places if Path(name).is_relative_to(template_dir)]
    return "{}, line {}".format(*inside[-1]) if inside else None


def file_href(path: str) -> str:
    """Return the address of a file beside the page; no name can turn it into a scheme."""
    return "./" + quote(path)


@dataclass(frozen=True)
class Page:
    """One rendering of the report for one medium."""

    medium: Medium
    report: Report
    charts: Iterable[Chart]
    data_files: tuple[str, ...]
    template_dir: Path | None

    def rendered(self, template: str, **more: str) -> str:
        """Return the page made from the template."""
        formats = Formats(self.report.locale, self.report.currency)
        env = environment(self.template_dir, formats)
        env.filters["drawn"] = self.drawn
        own = self.context(formats)
        own |= {name: Markup(text) for name, text in more.items()}  # noqa: S704 - our own script and page size
        own |= {"style": Markup(self.style()), "hash": _content_hash}  # noqa: S704 - our own rules
        with slips_are_told(self.template_dir):
            page = env.get_template(template)
            for section in own.get("sections", ()):  # compiled while charts are being drawn
                env.get_template(section["template"])
            return page.render(self._common() | own)

    def source(self, name: str) -> str:
        """Return a style sheet or script as it stands in the user's folder, or else in ours."""
        folders = (self.template_dir, resource_dir("templates"))
        found = (folder / name for folder in folders if folder and (folder / name).is_file())
        return next(found).read_text(encoding="utf-8")

    def style(self) -> str:
        """Return all style rules of the page."""
        colors = segment_rules(self.report)
        # The PDF's renderer brings the fonts itself: parsing them costs half a second.
        faces = font_faces("screen") if self.medium == "screen" else ""
        return faces + colors + self.source(f"{self.medium}.css")

    def drawn(self, svg: str, alternative: str) -> Markup:
        """Return a drawing of ours: inline where it follows the page's colours, else an image."""
        if not svg:
            return Markup()
        if self.medium == "print":
            return Markup('<img alt="{}" src="{}">').format(alternative, image_address(svg))
        rows = enumerate(self.report.segments.rows, start=1)
        colors = {checked_color(row.color): f"var(--segment-{i})" for i, row in rows}
        return Markup(screen_svg(svg, colors))  # noqa: S704 - ElementTree has escaped every text

    def _common(self) -> dict[str, Any]:
        """Return what every page of the report's templates may use."""
        return {
            "medium": self.medium,
            "report": self.report,
            "charts": {chart.id: chart for chart in self.charts},
            "segment_keys": self.report.segment_keys,
            "most_rows": MOST_ROWS[self.medium],
        }

    def context(self, formats: Formats) -> dict[str, Any]:
        """Return what the templates of this page print besides."""
        report = self.report
        sections = [
            {
                "name": section.name,
                "topic": section.topic,
                "title": finding,
                "template": f"sections/{section.name}.html.j2",
                "page": section.page(report, formats, self.medium),
            }
            for section, finding in told_sections(report, formats)
        ]
        held = next(one for one in REPORT if one.name == "hold").page(report, formats, self.medium)
        return {
            "sections": sections,
            "kpis": [written_kpi(kpi, formats) for kpi in report.kpis],
            "strip_heading": strip_heading(report.kpis),
            "next_steps": next_steps(report, formats),
            "supposed": supposed(report, formats),
            "how_sure": how_sure(report, formats),
            # Beside the hold-outs, and under the method where nothing could be held out.
            "sensitivity": held["sensitivity"],
            "spread_block": spread_block(report, formats),
            "data_files": self.data_files,
        }


def segment_rules(report: Report) -> str:
    """Return the colours of the segments as style rules, lightened where the page is dark."""
    colors = [checked_color(row.color) for row in report.segments.rows]
    light = "".join(f"--segment-{i}:{color};" for i, color in enumerate(colors, start=1))
    dark = "".join(
        f"--segment-{i}:{on_dark_page(color)};" for i, color in enumerate(colors, start=1)
    )
    classes = "".join(
        f".segment-{i}{{--segment:var(--segment-{i});--on-segment:{text_on(color)}}}"
        for i, color in enumerate(colors, start=1)
    )
    return ramp_rules() + (
        f":root{{{light}}}@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}{classes}"
    )


def _content_hash(text: str) -> str:
    """Return the hash by which a content security policy knows an inline style or script."""
    return "sha256-" + b64encode(sha256(text.encode("utf-8")).digest()).decode("ascii")
