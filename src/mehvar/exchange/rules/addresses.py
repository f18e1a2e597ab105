"""Decide to which addresses the server may open connections for somebody else.

A name is resolved once, every address that it has must be allowed, and the connection goes to an address that was looked at:
a name that changes its mind in between (DNS rebinding) changes nothing.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_IPV4_BITS = 0xFFFFFFFF


def networks_of(texts: Iterable[str]) -> tuple[Network, ...]:
    """Read networks written as CIDR.

    Raises:
        ValueError: one cannot be read.
    """
    return tuple(ipaddress.ip_network(text.strip(), strict=False) for text in texts if text.strip())


def is_allowed(address: str, allowed: Sequence[Network] = ()) -> bool:
    """Tell whether an address may be called: one of the open internet, or of a network that the operator allowed.

    Addresses that carry another one inside (mapped, NAT64, 6to4, Teredo) count as that one.
    """
    try:
        found = _meant(ipaddress.ip_address(address.partition("%")[0]))
    except ValueError:
        return False
    if any(found.version == network.version and found in network for network in allowed):
        return True
    is_local = isinstance(found, ipaddress.IPv6Address) and found.is_site_local
    return found.is_global and not (found.is_multicast or found.is_reserved or is_local)


def _meant(address: Address) -> Address:
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & _IPV4_BITS)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else None) or address
