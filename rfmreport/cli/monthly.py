"""The monthly run: which month it is for, where its report lies, and what is still to be done."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from rfmreport.customers import saved_cuts
from rfmreport.departments.summaries import load_departments
from rfmreport.errors import OutputError, SettingsError
from rfmreport.folder import report_folder
from rfmreport.mail.files import FOLDER as EMAIL_FOLDER
from rfmreport.mail.recipients import check_email_settings
from rfmreport.settings import LAST_MONTH, checked_month
from rfmreport.vocabulary import months_before

if TYPE_CHECKING:
    from rfmreport.settings import Settings

_ALL = ("all",)


@dataclass(frozen=True, slots=True)
class MonthPlan:
    """One month's run: its settings, its folder, and whether it is there as they order it."""

    month: date
    folder: Path
    settings: Settings
    is_built: bool


def plan_month(settings: Settings, asked: str | None, today: date) -> MonthPlan:
    """Say what is to be done for a month: the one before `today`, unless another is asked for.

    The month has a folder of its own below `run.folder`, beside those of the months before. It is
    measured with the cuts that lie there and told against the report of the month before it.
    Departments get their summaries, all of them where the settings name none. A report that other
    settings ordered, or for other recipients, is made again.

    Args:
        settings: As the user wrote them.
        asked: A month such as "2011-11", "last" for the last complete one in the data, or None.
        today: The day of the run.

    Raises:
        SettingsError: what was asked for is no month.
        InputError: "last", and the data cover no whole month.
        OutputError: the folder cannot be made.
    """
    month = _month(settings, asked, today)
    home = Path(settings.run.folder)
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"{home}: the folder for the months' reports cannot be made ({error.strerror})"
        raise OutputError(message) from error
    folder, ordered = _folder(home, month), _for_month(settings, month, home)
    is_made = report_folder.is_month_made_for(folder, ordered.order_fingerprint())
    has_mails = any((folder / EMAIL_FOLDER).glob("*.eml"))
    return MonthPlan(month, folder, ordered, is_made and has_mails)


def check_recipients(settings: Settings) -> None:
    """Prove that there is somebody to write to, also where the report is there already.

    Raises:
        SettingsError: the shop has no name, a department or an address is none, or nobody is to
            get anything.
    """
    if not settings.report.shop:
        message = (
            "report, shop: is not set; a monthly e-mail is known by it, so that the same month is "
            "not sent twice when the export has another name"
        )
        raise SettingsError(message)
    everybody = replace(settings.report, departments=settings.report.departments or _ALL)
    departments = load_departments(replace(settings, report=everybody))
    check_email_settings(settings.email, departments)


def _month(settings: Settings, asked: str | None, today: date) -> date:
    if asked is None:
        return months_before(today.replace(day=1), 1)
    if checked_month(asked, "--month") == LAST_MONTH:
        from rfmreport.source.orders import find_last_month

        return find_last_month(settings)
    return date.fromisoformat(f"{asked}-01")


def _folder(home: Path, month: date) -> Path:
    return home / f"{month:%Y-%m}"


def _for_month(settings: Settings, month: date, home: Path) -> Settings:
    before = _folder(home, months_before(month, 1))
    previous = str(before) if report_folder.is_report(before) else None
    report = settings.report
    return replace(
        settings,
        cleaning=replace(settings.cleaning, month=f"{month:%Y-%m}", as_of=None),
        scoring=replace(
            settings.scoring, cuts_file=settings.scoring.cuts_file or str(home / saved_cuts.NAME)
        ),
        report=replace(
            report, previous=report.previous or previous, departments=report.departments or _ALL
        ),
    )
