"""Functions of ranges of IP addresses, computed by :mod:`ipaddress`.

Terraform computes with https://pkg.go.dev/github.com/apparentlymart/go-cidr/cidr. Where that has ways of its own
(numbers that don't fit, IPv4 addresses in IPv6 notation, leading zeros) the answer isn't known here.
"""

from __future__ import annotations

import re
from ipaddress import IPv4Network, IPv6Network, ip_network

from compiler.patterns import regex
from compiler.terraform.functions import ArgumentError, Call, CallError, Parameter, function
from compiler.terraform.functions.later import answered_later
from compiler.terraform.values.types import NUMBER, STRING, ListType
from compiler.terraform.values.values import Value, list_of, string

_Network = IPv4Network | IPv6Network

_PREFIX = Parameter("prefix", STRING)


@function("cidrhost", _PREFIX, Parameter("hostnum", NUMBER), returns=STRING)
def _cidrhost(call: Call) -> Value:
    number = _whole(call, 1)
    network = _network(call)
    if network is None or abs(number) > _MOST:
        return answered_later("cidrhost", STRING)
    if not -network.num_addresses <= number < network.num_addresses:
        raise CallError(f"prefix of {network.prefixlen} does not accommodate a host numbered {number}")
    return string(str(network[number]))


@function("cidrnetmask", _PREFIX, returns=STRING)
def _cidrnetmask(call: Call) -> Value:
    network = _network(call)
    if network is None:
        return answered_later("cidrnetmask", STRING)
    if network.version == 6:
        raise CallError(f"IPv6 addresses cannot have a netmask: {call.text(0)}")
    return string(str(network.netmask))


@function("cidrsubnet", _PREFIX, Parameter("newbits", NUMBER), Parameter("netnum", NUMBER), returns=STRING)
def _cidrsubnet(call: Call) -> Value:
    bits, number = call.whole(1), _whole(call, 2)
    network = _network(call)
    if network is None or bits < 0 or not 0 <= number <= _MOST:
        return answered_later("cidrsubnet", STRING)
    length = network.prefixlen + bits
    if length > network.max_prefixlen:
        raise CallError(f"insufficient address space to extend prefix of {network.prefixlen} by {bits}")
    if number >> bits:
        raise CallError(f"prefix extension of {bits} does not accommodate a subnet numbered {number}")
    start = int(network.network_address) + (number << network.max_prefixlen - length)
    return string(str(_subnet(network, start, length)))


@function("cidrsubnets", _PREFIX, variadic=Parameter("newbits", NUMBER), returns=ListType(STRING))
def _cidrsubnets(call: Call) -> Value:
    network = _network(call, argument=0)
    call.budget.spend(len(call.args))
    news = [_new_bits(call, index) for index in range(1, len(call.args))]
    # Terraform takes a first subnet that starts with address zero for one that has run over the end.
    if network is None or not int(network.network_address):
        return answered_later("cidrsubnets", ListType(STRING))
    found: list[Value] = []
    start = int(network.network_address)
    for index, bits in enumerate(news, 1):
        length = network.prefixlen + bits
        if length > network.max_prefixlen:
            raise ArgumentError(
                index, f"would extend prefix to {length} bits, which is too long for an IPv{network.version} address"
            )
        size = 1 << network.max_prefixlen - length
        start = -(-start // size) * size
        if start > int(network.broadcast_address):
            raise ArgumentError(
                index, f"not enough remaining address space for a subnet with a prefix of {length} bits"
            )
        found.append(string(str(_subnet(network, start, length))))
        start += size
    return list_of(STRING, found)


_MOST = 2**63 - 1
"""Beyond this Terraform's numbers wrap around."""

_MOST_NEW_BITS = 32


def _new_bits(call: Call, index: int) -> int:
    bits = call.whole(index)
    if bits < 1:
        raise ArgumentError(index, "must extend prefix by at least one bit")
    if bits > _MOST_NEW_BITS:
        raise ArgumentError(index, f"may not extend prefix by more than {_MOST_NEW_BITS} bits")
    return bits


def _whole(call: Call, index: int) -> int:
    """Return a whole number of any size."""
    number = call.number(index)
    if not number.is_integer:
        raise ArgumentError(index, "value must be a whole number")
    return number.to_int()


def _subnet(network: _Network, start: int, length: int) -> _Network:
    """Return the network of that prefix length that starts at a number, of the same protocol as another one."""
    return type(network)((start, length))


_CIDR = regex(r"[^/%]*/[0-9]+", re.ASCII)
_LEADING_ZERO = regex(r"(?<![0-9a-fA-F])0[0-9a-fA-F]", re.ASCII)
_MAPPED = IPv6Network("::ffff:0:0/96")


def _network(call: Call, argument: int | None = None) -> _Network | None:
    """Return the network that the first argument writes, None where only Terraform knows it."""
    text = call.text(0)
    try:
        network = ip_network(text, strict=False) if _CIDR.fullmatch(text) else None
    except ValueError:
        network = None
    if isinstance(network, IPv6Network) and network.overlaps(_MAPPED):
        return None
    if network is not None:
        return network
    if _LEADING_ZERO.search(text):
        return None
    message = f"invalid CIDR expression: invalid CIDR address: {text}"
    raise CallError(message) if argument is None else ArgumentError(argument, message)
