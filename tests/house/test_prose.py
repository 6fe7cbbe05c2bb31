"""The prose check counts sentences with a pronoun, and names a room with too many."""

from pathlib import Path

from tests.house.prose import check_rooms, leans, measure, sentences

PLAIN = '"""Places the order at the venue."""\n'
LEANING = '"""Says what nobody owes it."""\n'


def room_of(root: Path, *sources: str) -> Path:
    (root / "tasks").mkdir()
    for number, source in enumerate(sources):
        (root / "tasks" / f"step_{number}.py").write_text(source)
    return root


def test_a_sentence_leans_when_a_pronoun_stands_in_it() -> None:
    assert leans("What a worker owes.")
    assert leans("Closes it.")
    assert not leans("Closes the position.")
    assert not leans("Waits for the item.")  # `it` inside a word


def test_docstrings_and_comments_count_and_code_does_not() -> None:
    source = (
        '"""Reads `what_it_is` from disk. Then stops the flow."""\n# A comment of\n# two lines.\n'
    )
    assert list(sentences(source + "x = 1\n")) == [
        "Reads CODE from disk.",
        "Then stops the flow.",
        "A comment of two lines.",
    ]


def test_labels_and_comments_for_tools_are_no_sentences() -> None:
    assert list(sentences('"""Two words."""\nx = 1  # noqa: E501 for that reason\n')) == []


def test_the_share_is_of_all_sentences() -> None:
    assert measure(iter([PLAIN, LEANING, PLAIN])) == (1, 3)


def test_a_room_above_28_percent_is_a_breach(tmp_path: Path) -> None:
    root = room_of(tmp_path, PLAIN, PLAIN, LEANING)
    [breach] = check_rooms(root, ("tasks",))
    assert breach.startswith("tasks: 33 % of the sentences lean on a pronoun, at most 28 % may")
    assert "tasks/step_2.py" in breach


def test_a_room_within_28_percent_is_none(tmp_path: Path) -> None:
    assert check_rooms(room_of(tmp_path, PLAIN, PLAIN, PLAIN, LEANING), ("tasks",)) == []
