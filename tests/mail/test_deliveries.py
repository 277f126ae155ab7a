"""What became of each mail: how it is counted, what a program ends with, foreign text made safe."""

from __future__ import annotations

import pytest

from rfmreport.mail.deliveries import Delivery, Outcome, State, megabytes, one_line, problem_of


def outcome_of(*states: State, server: str = "localhost:25", trouble: str = "") -> Outcome:
    deliveries = tuple(
        Delivery("marketing", f"person{n}@shop.example", state, "<rfm.1@shop.example>")
        for n, state in enumerate(states)
    )
    return Outcome("report", "sent.sqlite", server, (), deliveries, trouble)


def test_states_are_counted_in_the_order_in_which_they_occur():
    counts = outcome_of("sent", "refused", "sent").counts()
    assert list(counts.items()) == [("sent", 2), ("refused", 1)]


@pytest.mark.parametrize(
    ("states", "code"),
    [
        (("sent", "already_sent"), None),
        (("sent", "refused"), 7),
        (("unsent",), 7),
        (("sent", "unknown"), 8),
        (("already_sent_otherwise", "already_sent"), 8),
        (("unknown", "unsent"), 7),
    ],
)
def test_what_a_program_ends_with(states: tuple[State, ...], code: int | None):
    problem = problem_of(outcome_of(*states))
    assert (problem and problem.exit_code) == code


def test_why_there_was_no_connection_is_told():
    problem = problem_of(outcome_of("unsent", "sent", trouble="localhost:25: silent"))
    assert str(problem) == (
        "1 of 2 e-mails not delivered (localhost:25: silent); sending again tries these only"
    )


def test_a_dry_run_finds_no_fault_with_what_is_to_be_sent():
    assert problem_of(outcome_of("to_send", "already_sent", server="")) is None
    problem = problem_of(outcome_of("to_send", "unsent", server=""))
    assert str(problem) == "1 of 2 e-mails cannot be sent as they are"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("plain", "plain"),
        ("two\r\nlines\tand\u2028more", "two lines and more"),
        ("\x1b[31mred\x07", "[31mred"),
        ("a\u202eb\u200bc\x85d\udc80e", "a b c d e"),
        ("顧客 Größe 🛒", "顧客 Größe 🛒"),
        ("x" * 301, "x" * 299 + "…"),
    ],
)
def test_foreign_text_becomes_one_readable_line(text: str, line: str):
    assert one_line(text) == line


@pytest.mark.parametrize(
    ("byte_count", "text"),
    [(0, "0 KB"), (1, "1 KB"), (999_000, "999 KB"), (1_000_000, "1.0 MB"), (12_345_678, "12.3 MB")],
)
def test_sizes_are_written_as_people_say_them(byte_count: int, text: str):
    assert megabytes(byte_count) == text
