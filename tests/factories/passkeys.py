"""Play a phone or security key: register a real ES256 credential and sign challenges with it (WebAuthn level 2)."""

import hashlib
import json
import secrets
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData

PRESENT_VERIFIED = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.UV


class Passkey:
    """Hold one credential; ``like`` copies another's identifier but not its private key (a forger)."""

    def __init__(self, rp_id: str, origin: str, *, like: "Passkey | None" = None) -> None:
        self.rp_hash = hashlib.sha256(rp_id.encode()).digest()
        self.origin = origin
        self.private_key = ec.generate_private_key(ec.SECP256R1())
        self.credential_id = like.credential_id if like else secrets.token_bytes(16)

    def register(self, options: Any) -> dict[str, Any]:
        """Answer the options of a registration."""
        public = ES256.from_cryptography_key(self.private_key.public_key())
        credential = AttestedCredentialData.create(b"\0" * 16, self.credential_id, public)
        flags = PRESENT_VERIFIED | AuthenticatorData.FLAG.AT
        attestation = AttestationObject.create(
            "none", AuthenticatorData.create(self.rp_hash, flags, 0, credential), {}
        )
        response = {
            "clientDataJSON": self._client_data("webauthn.create", options),
            "attestationObject": websafe_encode(bytes(attestation)),
        }
        return self._answer(response) | {"clientExtensionResults": {"credProps": {"rk": True}}}

    def sign(self, options: Any, user: Any) -> dict[str, Any]:
        """Answer the options of a sign-in by the person whose key this is."""
        client_data = self._client_data("webauthn.get", options)
        data = AuthenticatorData.create(self.rp_hash, PRESENT_VERIFIED, 1)
        signed = bytes(data) + hashlib.sha256(_raw(client_data)).digest()
        response = {
            "clientDataJSON": client_data,
            "authenticatorData": websafe_encode(bytes(data)),
            "signature": websafe_encode(self.private_key.sign(signed, ec.ECDSA(hashes.SHA256()))),
            "userHandle": websafe_encode(str(user.pk).encode()),
        }
        return self._answer(response) | {"clientExtensionResults": {}}

    def _answer(self, response: dict[str, str]) -> dict[str, Any]:
        identifier = websafe_encode(self.credential_id)
        return {"type": "public-key", "id": identifier, "rawId": identifier, "response": response}

    def _client_data(self, kind: str, options: Any) -> str:
        challenge = options["publicKey"]["challenge"]
        if isinstance(challenge, bytes):
            challenge = websafe_encode(challenge)
        facts = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return websafe_encode(json.dumps(facts).encode())


def _raw(encoded: str) -> bytes:
    from fido2.utils import websafe_decode

    return websafe_decode(encoded)
