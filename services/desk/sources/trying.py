"""How a source is tried from a shell: what to paste, with the secret as `$SECRET` and no other."""

from __future__ import annotations

from typing import Final, NamedTuple

_LEAD: Final = '"name": "Test", "phone": "09120000000", "test": true'
_BODY: Final = {
    "standard": f'{{"type": "lead.created", "data": {{{_LEAD}}}}}',
    "cloudevents": (
        '{"specversion": "1.0", "id": "\'"$id"\'", "source": "/try", "type": "lead.created", '
        f'"data": {{{_LEAD}}}}}'
    ),
}
_TYPE: Final = {"cloudevents": "application/cloudevents+json"}
_SIGNED: Final = """\
id=try-$(date +%s); at=$(date +%s)
body='{body}'
key=$(printf %s "${{SECRET#whsec_}}" | base64 -d | od -An -v -tx1 | tr -d ' \\n')
sign=$(printf %s "$id.$at.$body" \\
  | openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" -binary | base64)
curl -i -H "webhook-id: $id" -H "webhook-timestamp: $at" -H "webhook-signature: v1,$sign" \\
  -H 'Content-Type: {type}' -d "$body" {url}"""


class WayIn(NamedTuple):
    """Something of the configuration that submissions come in by."""

    key: str
    kind: str
    """Of the source; `form` or `api` for the others."""
    path: str
    has_secret: bool
    fields: dict[str, str]


def tried(way: WayIn, door: str) -> str | None:
    """Lines for a shell. None for kinds that sign by their own way: their platform tries them."""
    url = f"{door.rstrip('/')}{way.path}"
    if way.kind in _BODY:
        kind = _TYPE.get(way.kind, "application/json")
        return _SIGNED.format(body=_BODY[way.kind], type=kind, url=url)
    if way.kind == "form":
        return f"curl -i -d 'name=Test' -d 'phone=09120000000' {url}"
    proof = {"json": "X-Lead-Token: $SECRET", "api": "Authorization: Bearer $SECRET"}.get(way.kind)
    if proof is None:
        return None
    header = f' -H "{proof}"' if way.has_secret else ""
    return f"curl -i{header} -H 'Content-Type: application/json' \\\n  -d '{{{_LEAD}}}' {url}"
