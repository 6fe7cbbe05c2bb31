"""`quorum chat` needs a running Quorum, and says so."""

from tests.cli.terminal import Terminal


def test_chat_without_a_running_quorum_is_one_sentence(terminal: Terminal) -> None:
    terminal.succeed("user", "add", "ann")
    answer = terminal.run("chat", "--user", "ann")
    assert answer.code == 2
    assert "quorum up" in answer.error
