"""Functions of ranges of IP addresses.

Terraform computes with https://pkg.go.dev/github.com/apparentlymart/go-cidr/cidr, whose answers for numbers that don't
fit are its own; they are kept. Addresses are read as Go once did: ``010.0.0.1`` is ``10.0.0.1``.
"""

from __future__ import annotations

import re
from ipaddress import AddressValueError, IPv4Address, IPv6Address

from compiler.patterns import regex
from compiler.records import dataclass
from compiler.terraform.functions import ArgumentError, Call, CallError, Parameter, function
from compiler.terraform.values.types import NUMBER, STRING, ListType
from compiler.terraform.values.values import Value, list_of, string

_PREFIX = Parameter("prefix", STRING)


@function("cidrhost", _PREFIX, Parameter("hostnum", NUMBER), returns=STRING)
def _cidrhost(call: Call) -> Value:
    number = _whole(call, 1)
    network = _network(call)
    most = (1 << (network.bits - network.length)) - 1
    if number < 0:
        # The last address is -1.
        distance = -number - 1
        number = most - distance
    else:
        distance = _signed64(number)
    if distance > most:
        raise CallError(f"prefix of {network.length} does not accommodate a host numbered {number}")
    # The library counts the bits of an IPv4 address also where it stands in IPv6 notation.
    shift = network.bits - 32 if network.is_ipv4 else 0
    return string(_text(_joined(network, number << shift), network.bits))


@function("cidrnetmask", _PREFIX, returns=STRING)
def _cidrnetmask(call: Call) -> Value:
    network = _network(call)
    if not network.is_ipv4:
        raise CallError(f"IPv6 addresses cannot have a netmask: {call.text(0)}")
    return string(_text(network.mask, network.bits))


@function("cidrsubnet", _PREFIX, Parameter("newbits", NUMBER), Parameter("netnum", NUMBER), returns=STRING)
def _cidrsubnet(call: Call) -> Value:
    bits, number = call.whole(1), _whole(call, 2)
    network = _network(call)
    length = network.length + bits
    if length > network.bits:
        raise CallError(f"insufficient address space to extend prefix of {network.length} by {bits}")
    most = (1 << bits) - 1 if 0 <= bits < 64 else _UNSIGNED64
    if abs(number) & _UNSIGNED64 > most:
        raise CallError(f"prefix extension of {bits} does not accommodate a subnet numbered {number}")
    if length >= 0:
        return string(str(_Network(_joined(network, number << (network.bits - length)), length, network.bits)))
    if number:
        raise CallError(f"prefix extension of {bits} does not accommodate a subnet numbered {number}")
    # There is no mask of less than no bits, and this is how Go shows a network without one.
    return string("<nil>")


@function("cidrsubnets", _PREFIX, variadic=Parameter("newbits", NUMBER), returns=ListType(STRING))
def _cidrsubnets(call: Call) -> Value:
    network = _network(call, argument=0)
    call.budget.spend(len(call.args))
    found: list[_Network] = []
    for index in range(1, len(call.args)):
        length = network.length + _new_bits(call, index)
        if length > network.bits:
            protocol = "IPv4" if network.bits == 32 else "IPv6"
            raise ArgumentError(
                index, f"would extend prefix to {length} bits, which is too long for an {protocol} address"
            )
        start = _next_start(network, found, length)
        if start is None:
            after = found[-1] if found else network
            raise ArgumentError(
                index,
                f"not enough remaining address space for a subnet with a prefix of {length} bits after {after}",
            )
        found.append(_Network(start, length, network.bits))
    return list_of(STRING, (string(str(subnet)) for subnet in found))


_MOST_NEW_BITS = 32


def _new_bits(call: Call, index: int) -> int:
    bits = call.whole(index)
    if bits < 1:
        raise ArgumentError(index, "must extend prefix by at least one bit")
    if bits > _MOST_NEW_BITS:
        raise ArgumentError(index, f"may not extend prefix by more than {_MOST_NEW_BITS} bits")
    return bits


@dataclass(frozen=True, slots=True)
class _Network:
    """A range of addresses: its first address, how many bits all of them share, and how many an address has."""

    address: int
    length: int
    bits: int

    @property
    def mask(self) -> int:
        """A number whose bits are those that all addresses share."""
        return ((1 << self.length) - 1) << (self.bits - self.length)

    @property
    def last(self) -> int:
        """The last address."""
        return self.address | ((1 << (self.bits - self.length)) - 1)

    @property
    def is_ipv4(self) -> bool:
        """Whether these are IPv4 addresses, in either notation."""
        return self.bits == 32 or _is_mapped(self.address)

    def __str__(self) -> str:
        # An IPv4 network in IPv6 notation is shown in its own.
        length = self.length - (self.bits - 32) if self.is_ipv4 else self.length
        return f"{_text(self.address, self.bits)}/{length}"


_IPV4_IN_IPV6 = 0xFFFF
_UNSIGNED64 = 2**64 - 1


def _is_mapped(address: int) -> bool:
    """Return whether a number of 128 bits is an IPv4 address in IPv6 notation."""
    return address >> 32 == _IPV4_IN_IPV6


def _text(address: int, bits: int) -> str:
    if bits == 32 or _is_mapped(address):
        return str(IPv4Address(address & 0xFFFFFFFF))
    return str(IPv6Address(address))


def _whole(call: Call, index: int) -> int:
    """Return a whole number of any size."""
    number = call.number(index)
    if not number.is_integer:
        raise ArgumentError(index, "value must be a whole number")
    return number.to_int()


def _signed64(number: int) -> int:
    """Return the last 64 bits of a number as a signed one."""
    low = number & _UNSIGNED64
    return low - 2**64 if low >= 2**63 else low


def _joined(network: _Network, number: int) -> int:
    """Return the network's address with the bits of a number."""
    address = abs(network.address | number)
    if address >> network.bits:
        raise CallError(f"the result doesn't fit into {network.bits} bits")
    return address


def _next_start(network: _Network, found: list[_Network], length: int) -> int | None:
    """Return the first address of the next subnet of that length, or None where there is no room for it."""
    rest = (1 << (network.bits - length)) - 1
    start = (found[-1].last | rest) + 1 if found else network.address
    if network.bits != 32 and _is_mapped(start):
        raise CallError("an IPv4 address in IPv6 notation can't be divided")
    # A first subnet that starts with address zero is taken for one that has run over the end.
    return None if start > network.last or not start else start


_CIDR = regex(r"([^/]*)/0*([0-9]{1,4})", re.ASCII)
_LEADING_ZEROS = regex(r"(?<![0-9a-fA-F])0+(?=[0-9a-fA-F])")


def _network(call: Call, argument: int | None = None) -> _Network:
    """Return the network that the first argument writes."""
    text = call.text(0)
    match = _CIDR.fullmatch(text)
    address = _address(match[1]) if match else None
    if match and address and int(match[2]) <= address[1]:
        bits = address[1]
        network = _Network(0, int(match[2]), bits)
        return _Network(address[0] & network.mask, network.length, bits)
    message = f"invalid CIDR expression: invalid CIDR address: {text}"
    raise CallError(message) if argument is None else ArgumentError(argument, message)


def _address(text: str) -> tuple[int, int] | None:
    """Return an address and how many bits it has, or None."""
    plain = _LEADING_ZEROS.sub("", text)
    try:
        if ":" not in plain:
            return int(IPv4Address(plain)), 32
        # Python also knows addresses with a zone.
        return None if "%" in plain else (int(IPv6Address(plain)), 128)
    except AddressValueError:
        return None
