"""Dates as people and programs write them: how a text is read, and by which forms it might be."""

from __future__ import annotations

import datetime
import re
from typing import TYPE_CHECKING

import ibis

# ruff: noqa: RUF001  letters of other languages are meant

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ibis.expr.types import BooleanValue, Column

ISO = "ISO"
EXCEL = "Excel"
UNIX: Mapping[str, int] = {
    "Unix seconds": 1_000_000,
    "Unix milliseconds": 1_000,
    "Unix microseconds": 1,
    "%s": 1_000_000,
}
"""Times counted since 1970, and how many microseconds each of their units has."""
EARLIEST, LATEST = datetime.date(1900, 1, 1), datetime.date(2200, 1, 1)
_EXCEL_DAYS = (20_000, 80_000)
_MICROSECONDS = (6e14, 4.2e15)  # 1989 to 2103
_TIMES = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p", ", %H:%M", "T%H:%M:%S")
_TIDY_TIMES = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p", " %H.%M", " %H.%M.%S")
_TIDIED = (
    ("[\\s\u00a0\u202f]+", " "),
    (r"(?i)\s?([ap])\.?\s?m\.?$", r" \1M"),
    (r"(:[0-9]{2})([.,][0-9]+)?\s?(Z|UTC|GMT|[+-][0-9]{2}:?[0-9]{2}|Uhr|h)?$", r"\1"),
    (r"[T,]?\s?(um|at|à|a las)?\s?([0-9]{1,2})[:h]([0-9]{2})", r" \2:\3"),
)
"""What a time of day may have that says nothing about the day, in order."""
_NAMES = {
    "Jan": "jan januar january janvier janv enero ene gennaio gen janeiro januari styczeń stycznia"
    " sty ocak oca январь января янв led leden ledna",
    "Feb": "feb februar february février fevrier févr fevr febrero febbraio fevereiro fev"
    " februari luty lutego lut şubat subat şub февраль февраля фев únor února",
    "Mar": "mar mär mrz märz maerz march mars marzo março marco maart mrt marzec marca mart"
    " март марта мар březen března",
    "Apr": "apr april avril avr abril abr aprile kwiecień kwietnia kwi nisan nis апрель апреля апр"
    " duben dubna",
    "May": "may mai mayo maggio mag maio mei maj maja mayıs mayis май мая květen května",
    "Jun": "jun juni june juin junio giugno giu junho czerwiec czerwca cze haziran haz июнь июня"
    " июн červen června",
    "Jul": "jul juli july juillet juil julio luglio lug julho lipiec lipca lip temmuz tem июль"
    " июля июл červenec července",
    "Aug": "aug august août aout agosto ago augustus sierpień sierpnia sie ağustos agustos ağu"
    " август августа авг srpen srpna",
    "Sep": "sep sept september septembre septiembre settembre set setembro wrzesień września wrz"
    " eylül eylul eyl сентябрь сентября сен сент září",
    "Oct": "oct okt oktober october octobre octubre ottobre ott outubro out październik"
    " października paź ekim eki октябрь октября окт říjen října",
    "Nov": "nov november novembre noviembre novembro listopad listopada lis kasım kasim kas"
    " ноябрь ноября ноя нояб",
    "Dec": "dec dez december dezember décembre decembre déc diciembre dic dicembre dezembro"
    " grudzień grudnia gru aralık aralik ara декабрь декабря дек prosinec prosince",
}
_MONTHS = {name: month for month, names in _NAMES.items() for name in names.split()}
_ENGLISH = "|".join(_NAMES)
_TIDIED_NAMES = (
    (r"([0-9])(st|nd|rd|th|er|º|ª)\b", r"\1"),
    *(
        (rf"(?i)(^|[^\pL])({'|'.join(names.split())})([^\pL]|$)", rf"\1{month}\3")
        for month, names in _NAMES.items()
    ),
    (rf"^.*?([0-9]|\b({_ENGLISH})\b)", r"\1"),  # the day of the week
    (r"\s(de|del|di|of)\b|\sг(\.|$)|[-/.,]", " "),
    (r"\s+", " "),
    (r"\s$", ""),
)
"""What a day with the name of its month becomes: Dec 13 2010, or 13 Dec 2010."""
_TIME = r"[T\s,]+[^0-9]{0,6}[0-9]{1,2}([:h][0-9]{2}.*|\.[0-9]{2}(\.[0-9]{2})?)$"
_TWO_DIGITS = 2
_WORD = re.compile(r"[^\W\d_]+")
_TOKEN = re.compile(r"[0-9]+|[^\W\d_]+")
_DIGITS: Mapping[int, tuple[str, ...]] = {
    5: (EXCEL,),
    6: ("%y%m%d", "%d%m%y", "%m%d%y"),
    8: ("%Y%m%d", "%d%m%Y", "%m%d%Y"),
    9: ("Unix seconds",),
    10: ("Unix seconds",),
    12: ("Unix milliseconds",),
    13: ("Unix milliseconds",),
    16: ("Unix microseconds",),
}


@ibis.udf.scalar.builtin(name="try_strptime")  # type: ignore[untyped-decorator]
def _try_strptime(text: str, formats: list[str]) -> datetime.datetime:  # type: ignore[empty-body]
    """Read a time by the first format that fits, or give null (a function of the engine)."""


@ibis.udf.scalar.builtin(name="make_timestamp")  # type: ignore[untyped-decorator]
def _since_1970(microseconds: int) -> datetime.datetime:  # type: ignore[empty-body]
    """Return the time so many microseconds after 1970 (a function of the engine)."""


def timestamp(column: Column, date_format: str) -> Column:
    """Read a time; what is unreadable is null. Names of months may be of many languages."""
    kind = column.type()
    if kind.is_timestamp() or kind.is_date():
        return column.cast("timestamp")
    text = column.cast("string")
    if date_format == ISO:
        return text.try_cast("timestamp")
    if date_format == EXCEL:
        days = _between(text, *_EXCEL_DAYS)
        seconds = (days * 86_400).round().cast("int64")
        return ibis.timestamp("1899-12-30") + seconds.as_interval("s")
    if date_format in UNIX:
        unit = UNIX[date_format]
        low, high = (bound / unit for bound in _MICROSECONDS)
        return _since_1970((_between(text, low, high) * unit).round().cast("int64"))
    if "%H" in date_format or "%I" in date_format:
        return _try_strptime(text.strip(), [date_format])
    read = _try_strptime(text.strip(), [date_format + time for time in _TIMES])
    # Not `coalesce`, as in `numbers.number`.
    return read.isnull().ifelse(_read_tidied(text.strip(), date_format), read)


def is_plausible(time: Column) -> BooleanValue:
    """Say whether a time was meant: "1/2/10" reads as the year 1, a slip of the pen as 2911."""
    earliest, latest = (ibis.timestamp(day.isoformat()) for day in (EARLIEST, LATEST))
    return (time >= earliest) & (time < latest)


def day_of(text: Column) -> Column:
    """Leave the day of a written time; numbers without marks are as long as they were."""
    is_count = text.re_search(r"^[0-9]{9,}([.,][0-9]+)?$|^[0-9]{5}[.,][0-9]+$")
    count = text.re_replace(r"[.,][0-9]+$", "").re_replace("[0-9]", "9")
    return is_count.ifelse(count, text.re_replace(_TIME, ""))


def day_in(text: str) -> str:
    """Leave the day of a written time."""
    return re.sub(_TIME, "", text.strip())


def forms_of(text: str) -> Iterator[str]:
    """Yield the formats by which a written time might be read, in every order of its parts."""
    day = day_in(text)
    words = [word.lower() for word in _WORD.findall(day)]
    numbers = re.findall("[0-9]+", day)
    if re.match(r"[0-9]{4}[-/]", day):
        yield ISO
    if any(word in _MONTHS for word in words):
        yield from _forms_with_name(day)
    elif len(numbers) == 1 or re.fullmatch(r"[0-9]+[.,][0-9]+", day):
        yield from _DIGITS.get(len(numbers[0]), ())
    elif len(numbers) == len(("day", "month", "year")):
        for order in _orders(*map(len, numbers)):
            yield re.sub("[0-9]+", "{}", day).replace("%", "%%").format(*order)


def _orders(first: int, _: int, last: int) -> tuple[tuple[str, str, str], ...]:
    """Return the orders that numbers of so many digits can have."""
    if first > _TWO_DIGITS:
        return ("%Y", "%m", "%d"), ("%Y", "%d", "%m")
    if last > _TWO_DIGITS:
        return ("%d", "%m", "%Y"), ("%m", "%d", "%Y")
    return ("%d", "%m", "%y"), ("%m", "%d", "%y"), ("%y", "%m", "%d")


def _forms_with_name(day: str) -> Iterator[str]:
    tokens = [token for token in _TOKEN.findall(day) if token.isdigit() or token.lower() in _MONTHS]
    name = next(token for token in tokens if not token.isdigit())
    month = "%b" if len(name) == len("Jan") else "%B"
    separator = "-" if "-" in day else " "
    if tokens.index(name) == 0:
        yield f"{month} %d, %Y"
        yield f"{month} %d, %y"
    elif len(tokens[0]) > _TWO_DIGITS:
        yield f"%Y {month} %d"
    else:
        yield separator.join(("%d", month, "%Y"))
        yield separator.join(("%d", month, "%y"))


def _between(text: Column, low: float, high: float) -> Column:
    size = text.replace(",", ".").try_cast("float64")
    return size.between(low, high).ifelse(size, ibis.null("float64"))


def _read_tidied(text: Column, date_format: str) -> Column:
    has_name = "%b" in date_format or "%B" in date_format
    if has_name:
        date_format = " ".join(f"%{part}" for part in _TOKEN.findall(date_format)).replace("B", "b")
    for pattern, replacement in _TIDIED + (_TIDIED_NAMES if has_name else ()):
        text = text.re_replace(pattern, replacement)
    return _try_strptime(text, [date_format + time for time in _TIDY_TIMES])
