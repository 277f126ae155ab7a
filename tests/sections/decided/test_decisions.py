"""What the shop decided: what its files may say, and what is said of a slip in them."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from example_report import tiny_report
from shops import customers_of
from stages import engine_of

from rfmreport.customers.segments import load_scheme
from rfmreport.errors import InputError, SettingsError
from rfmreport.folder.data_files import customer_sheet, write_sheets
from rfmreport.sections.decided.decisions import (
    ControlGroup,
    Decision,
    control_group_files,
    load_decisions,
    read_control_group,
    with_control_groups,
)

FIVE = load_scheme("five")
ONE = """
[[decision]]
segment = "At-Risk"
action = "Win-back mail with 10 % off"
owner = "CRM"
since = 2011-10-01
control_group = "audience.csv"
"""


def load_text(text: str, folder: Path) -> tuple[Decision, ...]:
    path = folder / "decisions.toml"
    path.write_text(text, encoding="utf-8")
    return load_decisions(path, FIVE)


def slip_in(text: str, folder: Path) -> str:
    """Return what wrong decisions are refused with, from the file's name on."""
    with pytest.raises(SettingsError) as caught:
        load_text(text, folder)
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith(f"decisions {folder}")
    return message.partition("decisions.toml")[2]


def test_decisions_come_in_the_order_of_the_file(tmp_path: Path) -> None:
    without = ONE.replace("At-Risk", "Lost").replace('control_group = "audience.csv"', "")
    assert load_text(ONE + without, tmp_path) == (
        Decision(
            segment="At-Risk",
            action="Win-back mail with 10 % off",
            owner="CRM",
            since=date(2011, 10, 1),
            control_group=tmp_path / "audience.csv",
        ),
        Decision("Lost", "Win-back mail with 10 % off", "CRM", date(2011, 10, 1)),
    )


def test_a_path_counts_from_the_folder_of_the_decisions(tmp_path: Path) -> None:
    (tmp_path / "audience.csv").write_text("customer_id,group\nc1,control\n", encoding="utf-8")
    decisions = load_text(ONE + ONE.replace('control_group = "audience.csv"', ""), tmp_path)
    assert with_control_groups(decisions) == (
        (decisions[0], ControlGroup((), ("c1",))),
        (decisions[1], None),
    )


@pytest.mark.needs_source
def test_the_example_of_the_reference_page_can_be_loaded(tmp_path: Path) -> None:
    page = Path(__file__).resolve().parents[3] / "docs" / "settings.md"
    below = page.read_text(encoding="utf-8").partition("\n## Decisions\n")[2]
    (example,) = re.findall(r"^```toml\n(.*?)^```$", below, re.MULTILINE | re.DOTALL)
    assert load_text(example, tmp_path) == load_text(ONE, tmp_path)


def test_no_decision_yet_is_no_slip(tmp_path: Path) -> None:
    assert load_text("decision = []", tmp_path) == ()


@pytest.mark.parametrize(
    ("right", "wrong", "expected"),
    [
        (
            '"At-Risk"',
            '"at risk"',
            ", decision 1: the scheme has no segment 'at risk'; did you mean 'At-Risk'?",
        ),
        (
            '"At-Risk"',
            '"Champions"',
            (
                ", decision 1: the scheme has no segment 'Champions'; it has High-Value, Loyal "
                "Customers, Potential Loyalists, At-Risk, Lost"
            ),
        ),
        ("owner", "ower", ", decision 1: unknown key 'ower'; did you mean 'owner'?"),
        ("[[decision]]", "[[decisions]]", ": unknown key 'decisions'; did you mean 'decision'?"),
        (
            "since = 2011-10-01",
            "",
            ", decision 1: 'since' is missing; write for example: since = 2011-10-01",
        ),
        (
            "2011-10-01",
            '"2011-10-01"',
            (
                ", decision 1: since = '2011-10-01' is not a day without quotes or time; write for "
                "example: since = 2011-10-01"
            ),
        ),
        (
            "2011-10-01",
            "2011-10-01 12:00:00",
            (
                ", decision 1: since = 2011-10-01 12:00:00 is not a day without quotes or time; "
                "write for example: since = 2011-10-01"
            ),
        ),
        (
            "2011-10-01",
            "2011-02-30",
            ": not valid TOML: Invalid date or datetime (at line 6, column 9)",
        ),
        (
            '"CRM"',
            '""',
            (
                ", decision 1: owner has '' where a readable text is expected; write for example: "
                'owner = "CRM"'
            ),
        ),
        ('"audience.csv"', "true", ", decision 1: control_group = True is not text in quotes"),
        (ONE, "", ": 'decision' is missing; write for example: [[decision]] and below it segment"),
    ],
)
def test_a_slip_is_told_with_its_place(
    right: str, wrong: str, expected: str, tmp_path: Path
) -> None:
    assert slip_in(ONE.replace(right, wrong), tmp_path).startswith(expected)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read \\(No such file or directory\\)"):
        load_decisions(tmp_path / "none.toml", FIVE)


def read_text(text: str, folder: Path, encoding: str = "utf-8") -> ControlGroup:
    path = folder / "audience.csv"
    path.write_text(text, encoding=encoding, newline="")
    return read_control_group(path)


@pytest.mark.parametrize(
    "text",
    [
        "customer_id,group\na,contacted\nb,control\n",
        "Customer_ID,Group\r\na,Contacted\r\n\r\nb,CONTROL\r\n",
        "group;revenue;customer_id\ncontacted;1,50;a\ncontrol;2; b \n;;\n",
        "customer_id\tgroup\na\tcontacted\nb\tcontrol",
        '"customer_id","name","group"\n"a","Smith, ""Jo""","contacted"\n"b","","control"\n',
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_control_file_is_read_as_spreadsheets_save_it(
    text: str, encoding: str, tmp_path: Path
) -> None:
    assert read_text(text, tmp_path, encoding) == ControlGroup(("a",), ("b",))


def test_an_id_that_an_export_made_safe_is_the_id_again(tmp_path: Path) -> None:
    ids = ["=1", "+49 30", "-7", "@home", "＝1", "＋1", "－1", "＠1", "0012", "'quoted", "O'Neil"]
    customers = customers_of("customer_id\n" + "\n".join(ids))
    engine = engine_of(customers=customers)
    write_sheets(engine, tiny_report(), tmp_path, (customer_sheet(engine, "customers"),))
    heading, *rows = (tmp_path / "customers.csv").read_text(encoding="utf-8").splitlines()
    assert "'=1" in "".join(rows)
    lines = [f"{heading},group", *(f"{row},control" for row in rows)]
    assert sorted(read_text("\n".join(lines), tmp_path).held_out) == sorted(ids)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "id,group\n1,control\n",
            (
                "no column 'customer_id' in row 1, which has 'id', 'group'; expected the columns "
                "customer_id and group"
            ),
        ),
        (
            "customer_id\n1\n",
            (
                "no column 'group' in row 1, which has 'customer_id'; expected the columns "
                "customer_id and group"
            ),
        ),
        (
            "",
            (
                "no column 'customer_id' in row 1, which has nothing; expected the columns "
                "customer_id and group"
            ),
        ),
        (
            "customer_id,group\n",
            "no customer stands in it; list who was contacted and who left alone",
        ),
        ("customer_id,group\n1,control\n,control\n", "no customer_id in row 3"),
        (
            "customer_id,group\n1,control\n2,test\n\n3\n",
            "group is 'test' in row 3 (and 1 more); expected 'contacted' or 'control'",
        ),
        (
            "customer_id,group\n1,control\n2,control\n1,contacted\n2,control\n",
            (
                "customer '1' stands in row 2 and again in row 4 (and 1 more); keep one row per "
                "customer"
            ),
        ),
    ],
)
def test_a_control_file_that_does_not_say_who_is_told_with_the_row(
    text: str, expected: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError) as caught:
        read_text(text, tmp_path)
    assert str(caught.value) == f"control group {tmp_path / 'audience.csv'}: {expected}"


def test_an_id_keeps_blanks_that_cleaning_keeps(tmp_path: Path) -> None:
    """A no-break space belongs to an id of the source; a tab beside it does not."""
    text = "customer_id,group\n a\xa0\t,control\nb,contacted\n"
    assert read_text(text, tmp_path) == ControlGroup(("b",), ("a\xa0",))


def test_the_control_files_that_decisions_name_are_known_whatever_the_scheme(
    tmp_path: Path,
) -> None:
    path = tmp_path / "decisions.toml"
    other = ONE.replace("At-Risk", "Quiet spenders").replace("audience.csv", "lists/quiet.csv")
    without = ONE.replace('control_group = "audience.csv"', "")
    path.write_text(ONE + other + without, encoding="utf-8")
    assert control_group_files(str(path)) == (
        tmp_path / "audience.csv",
        tmp_path / "lists/quiet.csv",
    )
    assert control_group_files(None) == ()


def test_a_control_file_in_other_letters_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not a CSV file in UTF-8"):
        read_text("customer_id,group\nMüller,control\n", tmp_path, "latin-1")


def test_a_control_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read \\(No such file or directory\\); mend"):
        read_control_group(tmp_path / "none.csv")
