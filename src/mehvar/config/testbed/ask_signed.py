"""Ask one question by a signed request (RFC 9421), as the developer of a consumer would write it.

Needs nothing of Mehvar, only the package ``cryptography``:
``python ask_signed.py KEY_FILE KEY_ID CLIENT http://HOST:PORT/r1/…``
"""

import base64
import json
import secrets
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from cryptography.hazmat.primitives import serialization


def signature_fields(
    private_key: bytes, key_id: str, client: str, method: str, address: str
) -> dict[str, str]:
    """Return the two fields that prove who asks: method, address and client are signed, once, for a minute."""
    covered = '("@method" "@target-uri" "x-road-client")'
    stated = f'{covered};created={int(time.time())};keyid="{key_id}";nonce="{secrets.token_hex(12)}"'
    base = f'"@method": {method}\n"@target-uri": {address}\n"x-road-client": {client}\n"@signature-params": {stated}'
    key = serialization.load_pem_private_key(private_key, None)
    signature = base64.b64encode(key.sign(base.encode())).decode()  # type: ignore[call-arg,union-attr]
    return {"Signature-Input": f"sig1={stated}", "Signature": f"sig1=:{signature}:"}


def main(key_file: str, key_id: str, client: str, address: str) -> int:
    """Ask, and print status, request id and answer."""
    fields = signature_fields(Path(key_file).read_bytes(), key_id, client, "GET", address)
    request = urllib.request.Request(address, headers={"X-Road-Client": client, **fields})  # noqa: S310 - the reader chose it
    try:
        answer = urllib.request.urlopen(request, timeout=15)  # noqa: S310
    except urllib.error.HTTPError as refusal:
        answer = refusal
    with answer:
        found = {
            "status": answer.status,
            "error": answer.headers.get("X-Road-Error"),
            "request_id": answer.headers.get("X-Road-Request-Id"),
            "answer": json.loads(answer.read()),
        }
    sys.stdout.write(json.dumps(found, ensure_ascii=False, indent=1) + "\n")
    return 0 if found["error"] is None else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:5]))
