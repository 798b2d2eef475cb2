"""Which connector serves which kind of accounting system; only the one that is used is imported."""

from __future__ import annotations

from arqueue.errors import ConfigInvalid
from arqueue.settings import Settings
from data.peers.contract import Peer, PeerSettings


def open_peer(settings: Settings) -> Peer:
    """The connector that the settings name, with the token from the broker's own file. Raises ConfigInvalid."""
    peer = settings.peer
    try:
        token = settings.token_file.read_text("utf-8").strip()
    except FileNotFoundError:
        raise ConfigInvalid(
            f"there is no token in {settings.token_file}",
            "`arqueue init` stores it, readable by the broker alone",
        ) from None
    if settings.token_file.stat().st_mode & 0o077:
        raise ConfigInvalid(
            f"{settings.token_file} can be read by others",
            f"run: chmod 600 {settings.token_file}; then renew the token",
        )
    chosen = PeerSettings(peer.kind, peer.url, token, peer.database, peer.user, peer.ca_file)
    return connect(chosen, deadline_s=settings.broker.deadline_seconds)


def connect(chosen: PeerSettings, *, deadline_s: float) -> Peer:
    """The connector of that kind; every request of it ends within the deadline. Raises ConfigInvalid."""
    if chosen.kind == "sandbox":
        from data.peers.sandbox.connector import SandboxPeer

        return SandboxPeer(chosen, deadline_s=deadline_s)
    from data.peers.tryton.connector import TrytonPeer

    return TrytonPeer(chosen, deadline_s=deadline_s)
