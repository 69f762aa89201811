"""A submission on its way through the steps: what is known of it so far, and why."""

from __future__ import annotations

from typing import Any

import msgspec

from libs.common.events import Attribution, Contact, LeadCaptured, Note, Text


class Draft(msgspec.Struct, frozen=True):
    """What the steps have made of a submission; each gives back a new one."""

    captured: LeadCaptured
    contact: Contact = Contact()
    attribution: Attribution = Attribution()
    notes: tuple[Note, ...] = ()
    verified: dict[str, Any] = msgspec.field(default_factory=dict)
    signs: tuple[str, ...] = ()
    """Signs of a bot; one is enough to hold it."""
    unusable: tuple[str, ...] = ()
    """Contact fields that were filled with what reaches nobody."""

    def field(self, name: str) -> str:
        """One of our fields as typed, without the space around it; empty when absent."""
        return self.captured.fields.get(name, "").strip()

    def having(self, **contact: Any) -> Draft:
        """With these values in its contact."""
        return msgspec.structs.replace(
            self, contact=msgspec.structs.replace(self.contact, **contact)
        )

    def finding(self, **verified: Any) -> Draft:
        """With these facts of verification."""
        return msgspec.structs.replace(self, verified={**self.verified, **verified})

    def noting(self, code: str, fa: str, en: str, **data: Any) -> Draft:
        """With a sentence of what was changed or found, and why."""
        note = Note(code=code, text=Text(fa=fa, en=en), data=data)
        return msgspec.structs.replace(self, notes=(*self.notes, note))

    def misfilled(self, name: str) -> Draft:
        """With that contact field counted as filled but unusable."""
        return msgspec.structs.replace(self, unusable=(*self.unusable, name))
