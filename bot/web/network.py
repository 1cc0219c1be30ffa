"""Who it is that sends a request, as far as a limit may tell: one address, or one subscriber's piece of IPv6."""

import ipaddress

SUBSCRIBER = 64  # bits of an IPv6 address: whoever has one has all behind them


def network_of(address: str | None) -> str:
    """ "203.0.113.7", "2001:db8:1:2::/64"; whatever is no address counts as one."""
    try:
        known = ipaddress.ip_address((address or "").partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(known, ipaddress.IPv4Address):
        return str(known)
    if known.ipv4_mapped:
        return str(known.ipv4_mapped)
    return str(ipaddress.ip_network((known, SUBSCRIBER), strict=False))
