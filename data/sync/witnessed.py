"""The ledger as a witness of the audit: what its postings say of where the audit stood when they were ordered."""

from __future__ import annotations

from arqueue.settings import Settings
from data.peers.registry import open_peer


async def heads_in_ledger(settings: Settings) -> dict[str, str]:
    """Command id → the head in its posting, of all postings that have one. Raises as the connector, ConfigInvalid."""
    peer = open_peer(settings)
    try:
        return {posting.command_id: posting.head for posting in await peer.ours(None) if posting.head}
    finally:
        await peer.close()
