"""The errors a caller treats differently, each with the exit code the command line ends with."""

from __future__ import annotations


class RfmReportError(Exception):
    """Something a person can mend: the message says what was found, where, and what to do.

    The first argument is the whole message, one line, ready to be shown.
    """

    exit_code = 1


class SettingsError(RfmReportError):
    """An option, configuration file, scheme or playbook says something that cannot be done."""

    exit_code = 2


class InputError(RfmReportError):
    """The source cannot be read, or a column that the report needs cannot be found in it."""

    exit_code = 3


class NothingToReportError(RfmReportError):
    """The source was read, but what is left after cleaning cannot carry a segmentation."""

    exit_code = 4


class OutputError(RfmReportError):
    """A file or folder cannot be written; what stood there before is untouched."""

    exit_code = 5


class MissingComponentError(RfmReportError):
    """A part that the operating system provides is not installed (Pango, for the PDF)."""

    exit_code = 6


class NotDeliveredError(RfmReportError):
    """Some e-mails were not delivered, surely not; sending again tries what is missing."""

    exit_code = 7


class DeliveryUnclearError(RfmReportError):
    """Some e-mails may have been delivered, or were with other content; a person decides."""

    exit_code = 8
