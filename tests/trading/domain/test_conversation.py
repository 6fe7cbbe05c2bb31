"""What a conversation leaves behind knows when it was."""

from datetime import UTC, datetime, timedelta

import pytest

from trading.domain.conversation import Dialog, LimitRaise, PressedButton
from trading.domain.units import Pair

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
NAIVE = NOW.replace(tzinfo=None)


def test_a_dialog_knows_when_it_asked() -> None:
    assert Dialog(step="secret", asked_at=NOW).detail == {}
    with pytest.raises(ValueError, match="asked_at"):
        Dialog(step="secret", asked_at=NAIVE)


def test_a_raise_knows_when_it_is_due() -> None:
    due = NOW + timedelta(hours=1)
    pair = Pair("BTC", "USDT")
    made = LimitRaise(pair=pair, name="max_leverage", value="3", asked_at=NOW, due_at=due)
    assert made.due_at - made.asked_at == timedelta(hours=1)
    with pytest.raises(ValueError, match="due_at"):
        LimitRaise(pair=pair, name="max_leverage", value="3", asked_at=NOW, due_at=NAIVE)


def test_a_pressed_button_is_a_verb_with_its_argument() -> None:
    pressed = PressedButton(action="close", argument="BTC/USDT")
    assert (pressed.action, pressed.argument) == ("close", "BTC/USDT")
