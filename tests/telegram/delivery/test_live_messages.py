"""Live messages: edited when the text changed, forgotten with the final text."""

from telegram.delivery.live_messages import LiveMessage, LiveMessages
from telegram.delivery.reply_queue import ReplyQueue
from telegram.views.message import Reply

TEXTS = ("1 of 3 closed", "1 of 3 closed", "2 of 3 closed", "3 of 3 closed, done")


def make_message(shown: list[str], texts: list[str]) -> LiveMessage:
    """A message whose refresh tells the texts in turn; the last text is final."""

    async def edit(reply: Reply) -> None:
        shown.append(reply.text)

    async def refresh() -> tuple[Reply, bool]:
        text = texts.pop(0)
        return Reply(text=text), not texts

    return LiveMessage(
        chat_id=1, newest=Reply(text=TEXTS[0]), edit=edit, refresh=refresh, replies=ReplyQueue()
    )


async def test_only_a_changed_text_is_edited_until_the_final_text() -> None:
    shown: list[str] = []
    messages = LiveMessages()
    messages.add(make_message(shown, list(TEXTS)))

    left = [await messages.refresh() for _ in TEXTS]

    assert shown == [TEXTS[2], TEXTS[3]]
    assert left == [1, 1, 1, 0]
    assert await messages.refresh() == 0


async def test_a_final_message_leaves_the_others_live() -> None:
    first: list[str] = []
    second: list[str] = []
    messages = LiveMessages()
    messages.add(make_message(first, [TEXTS[3]]))
    messages.add(make_message(second, list(TEXTS)))

    assert await messages.refresh() == 1
    assert (first, second) == ([TEXTS[3]], [])
