"""Telethon's client under the few words that `telegram_live` uses, and how an account signs in once."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any

from tocsin.ingest.telegram_live import Message
from tocsin.model.errors import BadSettings

# Half an hour without Telegram is said by the supervisor, not tried in silence.
TRIES = 3


class TelethonClient:
    """An account's line to Telegram; raises BadSettings where Telethon is not installed or the session is none."""

    def __init__(self, session: str, api_id: int, api_hash: str) -> None:
        telethon = _telethon()
        from telethon.sessions import StringSession

        try:
            kept = StringSession(session)
        except ValueError as error:
            raise BadSettings("the session is none; sign in again: tocsin text sign-in") from error
        # It logs what it sends where it is told to tell much.
        logging.getLogger("telethon").setLevel(logging.WARNING)
        self._client = telethon.TelegramClient(
            kept, api_id, api_hash, auto_reconnect=False, connection_retries=TRIES, request_retries=TRIES,
            receive_updates=True,
        )  # fmt: skip
        self.connect = self._client.connect
        self.disconnect = self._client.disconnect
        self.is_connected = self._client.is_connected
        self.is_user_authorized = self._client.is_user_authorized
        self.get_entity = self._client.get_entity

    async def get_messages(self, entity: Any, limit: int) -> Sequence[Message]:
        """The newest messages of a channel."""
        found: Sequence[Message] = await self._client.get_messages(entity, limit=limit)
        return found

    def listen(self, channels: Sequence[Any], heard: Callable[[int, Message, bool], None]) -> None:
        """Call `heard` for each message that is posted or edited in these channels."""
        from telethon import events

        async def posted(event: Any) -> None:
            heard(event.message.peer_id.channel_id, event.message, False)

        async def edited(event: Any) -> None:
            heard(event.message.peer_id.channel_id, event.message, True)

        self._client.add_event_handler(posted, events.NewMessage(chats=list(channels)))
        self._client.add_event_handler(edited, events.MessageEdited(chats=list(channels)))

    async def signed_in(self, phone: str, code: Callable[[], str], password: Callable[[], str]) -> str:
        """The session of an account that has signed in, as text: whoever has it, is that account."""
        await self._client.start(phone=phone, code_callback=code, password=password)
        kept: str = self._client.session.save()
        await self._client.disconnect()
        return kept


def _telethon() -> Any:
    try:
        import telethon
    except ImportError as error:
        raise BadSettings("telethon is not installed; install tocsin[telegram]") from error
    return telethon
