"""The command line as a process of its own: `rfmreport`, or `python -m rfmreport`."""

import os
import sys

from rfmreport import cli


def main() -> None:
    """Run the command line and end at once.

    To take down the libraries and a million objects takes half a second, for nothing.
    """
    try:
        cli.main()
    except SystemExit as ended:
        code = ended.code or 0
        if not isinstance(code, int):
            raise  # Python says what it is
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
