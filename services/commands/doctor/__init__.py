"""`sarnakh doctor`: what is missing on this machine, and what to do about it."""

from __future__ import annotations

from typing import Final

from services.commands.doctor import disk, firm, machine, network, servers
from services.commands.doctor.finding import Finding, Look

__all__ = ["LOOKS", "Finding", "Look"]

LOOKS: Final[tuple[Look, ...]] = (
    machine.python,
    machine.zones,
    machine.open_files,
    disk.data_folder,
    network.ports,
    network.public_url,
    network.token,
    firm.configuration,
    servers.postgres,
    servers.kafka,
    firm.channels,
)
