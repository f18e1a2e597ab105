"""Write programs that make one call: curl, Python and Java, each with mutual TLS and with a signed request (RFC 9421).

The texts run as they stand once the named files are there; tests run those of curl and Python against a gateway.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from mehvar.exchange.data.operations import Question


@dataclass(frozen=True, slots=True)
class Snippet:
    """Hold one program. ``language``: curl, python, java; ``proof``: tls or signature."""

    language: str
    proof: str
    text: str


@dataclass(frozen=True, slots=True)
class CallFacts:
    """Hold what a program must know. ``gateway``: address without path; ``client`` and ``service``: names in the protocol."""

    gateway: str
    client: str
    service: str
    question: Question
    key_id: str = "KEY-ID"

    @property
    def target(self) -> str:
        """Return path and query of the call."""
        return f"/r1/{self.service}{self.question.target}"

    @property
    def authority(self) -> str:
        """Return the host, with the port unless it is the scheme's own."""
        url = urlsplit(self.gateway)
        own = {"http": 80, "https": 443}.get(url.scheme)
        host = f"[{url.hostname}]" if ":" in (url.hostname or "") else (url.hostname or "").lower()
        return host if url.port in {None, own} else f"{host}:{url.port}"

    @property
    def scheme(self) -> str:
        """Return http or https."""
        return urlsplit(self.gateway).scheme


def snippets_of(facts: CallFacts) -> tuple[Snippet, ...]:
    """Return all programs for one call."""
    writers = {
        "curl": (_curl_tls, _curl_signed),
        "python": (_python_tls, _python_signed),
        "java": (_java_tls, _java_signed),
    }
    return tuple(
        Snippet(language, proof, write(facts))
        for language, pair in writers.items()
        for proof, write in zip(("tls", "signature"), pair, strict=True)
    )


def _headers(facts: CallFacts) -> Mapping[str, str]:
    return {"X-Road-Client": facts.client, "Accept": "application/json", **facts.question.headers}


def _shell(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def _text(body: bytes | None) -> str:
    return (body or b"").decode("utf-8", "replace")


def _curl_tls(facts: CallFacts) -> str:
    lines = ["curl --cert client.pem --key client.key --cacert gateway-ca.pem"]
    lines += [f"  -X {facts.question.method}"]
    lines += [f"  -H {_shell(f'{name}: {value}')}" for name, value in _headers(facts).items()]
    if facts.question.body is not None:
        lines.append(f"  --data-binary {_shell(_text(facts.question.body))}")
    lines.append(f"  {_shell(facts.gateway + facts.target)}")
    return " \\\n".join(lines) + "\n"


def _curl_signed(facts: CallFacts) -> str:
    body = facts.question.body is not None
    covered = '"@method" "@target-uri" "x-road-client"' + (' "content-digest"' if body else "")
    headers = "".join(f" \\\n  -H {_shell(f'{name}: {value}')}" for name, value in _headers(facts).items())
    digest = (
        f"BODY={_shell(_text(facts.question.body))}\n"
        'DIGEST="sha-256=:$(printf %s "$BODY" | openssl dgst -sha256 -binary | openssl base64 -A):"\n'
        if body
        else ""
    )
    return (
        "#!/bin/sh\n"
        "# key.pem: your Ed25519 key (openssl genpkey -algorithm ed25519 -out key.pem); its public half is registered.\n"
        f"URL={_shell(facts.gateway + facts.target)}\n"
        f"CLIENT={_shell(facts.client)}\n"
        f"{digest}"
        f"PARAMS='({covered});created='$(date +%s)';keyid=\"{facts.key_id}\";nonce=\"'$(openssl rand -hex 16)'\"'\n"
        "BASE=$(mktemp)\n"
        f'printf \'"@method": {facts.question.method}\\n"@target-uri": %s\\n"x-road-client": %s\\n\' "$URL" "$CLIENT" > "$BASE"\n'
        + ('printf \'"content-digest": %s\\n\' "$DIGEST" >> "$BASE"\n' if body else "")
        + 'printf \'"@signature-params": %s\' "$PARAMS" >> "$BASE"\n'
        'SIGNATURE=$(openssl pkeyutl -sign -rawin -inkey key.pem -in "$BASE" | openssl base64 -A)\n'
        'rm "$BASE"\n'
        f"curl -X {facts.question.method}{headers}"
        + (' \\\n  -H "Content-Digest: $DIGEST" --data-binary "$BODY"' if body else "")
        + ' \\\n  -H "Signature-Input: sig1=$PARAMS" -H "Signature: sig1=:$SIGNATURE:" \\\n  "$URL"\n'
    )


def _python_tls(facts: CallFacts) -> str:
    return f'''"""Call {facts.service} with mutual TLS; only Python's own library is needed."""
import ssl
import urllib.request

url = {facts.gateway + facts.target!r}
headers = {json.dumps(dict(_headers(facts)), ensure_ascii=False)}
body = {facts.question.body!r}

context = ssl.create_default_context(cafile="gateway-ca.pem")
context.load_cert_chain("client.pem", "client.key")
request = urllib.request.Request(url, data=body, headers=headers, method={facts.question.method!r})
with urllib.request.urlopen(request, context=context, timeout=30) as answer:
    print(answer.status, answer.headers["X-Road-Request-Id"])
    print(answer.read().decode())
'''


def _python_signed(facts: CallFacts) -> str:
    covered = ["@method", "@target-uri", "x-road-client"]
    covered += ["content-digest"] if facts.question.body is not None else []
    return f'''"""Call {facts.service} with a signed request; needs the package "cryptography"."""
import base64
import hashlib
import secrets
import time
import urllib.request

from cryptography.hazmat.primitives.serialization import load_pem_private_key

url = {facts.gateway + facts.target!r}
headers = {json.dumps(dict(_headers(facts)), ensure_ascii=False)}
body = {facts.question.body!r}

# key.pem: your Ed25519 key; its public half is registered under this name.
with open("key.pem", "rb") as file:
    key = load_pem_private_key(file.read(), None)
if body is not None:
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    headers["Content-Digest"] = f"sha-256=:{{digest}}:"
values = {{
    "@method": {facts.question.method!r},
    "@target-uri": url,
    "x-road-client": headers["X-Road-Client"],
    "content-digest": headers.get("Content-Digest"),
}}
covered = {json.dumps(covered)}
names = " ".join(f'"{{name}}"' for name in covered)
params = f'({{names}});created={{int(time.time())}};keyid="{facts.key_id}";nonce="{{secrets.token_hex(16)}}"'
base = "".join(f'"{{name}}": {{values[name]}}\\n' for name in covered) + f'"@signature-params": {{params}}'
signature = base64.b64encode(key.sign(base.encode())).decode()
headers["Signature-Input"] = "sig1=" + params
headers["Signature"] = f"sig1=:{{signature}}:"

request = urllib.request.Request(url, data=body, headers=headers, method={facts.question.method!r})
with urllib.request.urlopen(request, timeout=30) as answer:
    print(answer.status, answer.headers["X-Road-Request-Id"])
    print(answer.read().decode())
'''


def _java(text: str) -> str:
    return json.dumps(text)


def _java_request(facts: CallFacts) -> str:
    headers = "".join(
        f"\n            .header({_java(name)}, {_java(value)})" for name, value in _headers(facts).items()
    )
    body = facts.question.body
    publisher = (
        f"BodyPublishers.ofString({_java(_text(body))})" if body is not None else "BodyPublishers.noBody()"
    )
    return f"HttpRequest.newBuilder(URI.create(url)){headers}\n            .method({_java(facts.question.method)}, {publisher})"


def _java_tls(facts: CallFacts) -> str:
    return f"""// Java 11 or later. client.p12: openssl pkcs12 -export -in client.pem -inkey client.key -out client.p12
// trust.p12:  keytool -importcert -file gateway-ca.pem -keystore trust.p12 -storepass changeit -noprompt
import java.io.FileInputStream;
import java.net.URI;
import java.net.http.*;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.KeyStore;
import javax.net.ssl.*;

public class Call {{
    static KeyStore store(String file, char[] password) throws Exception {{
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (FileInputStream in = new FileInputStream(file)) {{ store.load(in, password); }}
        return store;
    }}

    public static void main(String[] args) throws Exception {{
        char[] password = "changeit".toCharArray();
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store("client.p12", password), password);
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store("trust.p12", password));
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        String url = {_java(facts.gateway + facts.target)};
        HttpRequest request = {_java_request(facts)}.build();
        HttpResponse<String> answer = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).sslContext(tls).build()
            .send(request, BodyHandlers.ofString());
        System.out.println(answer.statusCode() + " " + answer.headers().firstValue("X-Road-Request-Id").orElse(""));
        System.out.println(answer.body());
    }}
}}
"""


def _java_signed(facts: CallFacts) -> str:
    body = facts.question.body is not None
    covered = '\\"@method\\" \\"@target-uri\\" \\"x-road-client\\"' + (
        ' \\"content-digest\\"' if body else ""
    )
    digest = (
        f"""
        byte[] hash = MessageDigest.getInstance("SHA-256").digest({_java(_text(facts.question.body))}.getBytes("UTF-8"));
        String digest = "sha-256=:" + Base64.getEncoder().encodeToString(hash) + ":";"""
        if body
        else ""
    )
    digest_line = ' + "\\"content-digest\\": " + digest + "\\n"' if body else ""
    digest_header = '\n            .header("Content-Digest", digest)' if body else ""
    return f"""// Java 15 or later. key.pem: your Ed25519 key (PKCS #8); its public half is registered.
import java.net.URI;
import java.net.http.*;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.*;
import java.security.*;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.*;

public class Call {{
    public static void main(String[] args) throws Exception {{
        String url = {_java(facts.gateway + facts.target)};
        String client = {_java(facts.client)};
        String pem = Files.readString(Path.of("key.pem")).replaceAll("-----[A-Z ]+-----|\\\\s", "");
        PrivateKey key = KeyFactory.getInstance("Ed25519").generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(pem)));{digest}
        String params = "({covered});created=" + System.currentTimeMillis() / 1000
            + ";keyid=\\"{facts.key_id}\\";nonce=\\"" + UUID.randomUUID() + "\\"";
        String base = "\\"@method\\": {facts.question.method}\\n\\"@target-uri\\": " + url + "\\n\\"x-road-client\\": " + client + "\\n"{digest_line}
            + "\\"@signature-params\\": " + params;
        Signature signer = Signature.getInstance("Ed25519");
        signer.initSign(key);
        signer.update(base.getBytes("US-ASCII"));
        String signature = Base64.getEncoder().encodeToString(signer.sign());
        HttpRequest request = {_java_request(facts)}{digest_header}
            .header("Signature-Input", "sig1=" + params).header("Signature", "sig1=:" + signature + ":").build();
        HttpResponse<String> answer = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()
            .send(request, BodyHandlers.ofString());
        System.out.println(answer.statusCode() + " " + answer.headers().firstValue("X-Road-Request-Id").orElse(""));
        System.out.println(answer.body());
    }}
}}
"""
