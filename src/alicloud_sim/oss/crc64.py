"""CRC-64 of ECMA-182 as OSS gives it in x-oss-hash-crc64ecma (CRC-64/XZ).

Fast with the package anycrc, slower with crcmod, and by a table without either. Zeros and
joints need no bytes at all: both are a multiplication of polynomials modulo the CRC's.
"""

from __future__ import annotations

import importlib
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

POLY = 0x42F0E1EBA9EA3693
REFLECTED = 0xC96C5795D7870F42
MASK = 0xFFFFFFFFFFFFFFFF
HIGHEST = 1 << 63
ONE = HIGHEST
"""The polynomial 1: bits are in reflected order."""


def _multiply(a: int, b: int) -> int:
    """Multiply two polynomials modulo the CRC's."""
    product = 0
    while a:
        if a & HIGHEST:
            product ^= b
        a = (a << 1) & MASK
        b = (b >> 1) ^ (REFLECTED if b & 1 else 0)
    return product


@cache
def _power(exponent: int) -> int:
    """Give x to the power of 2 ** exponent."""
    return HIGHEST >> 1 if exponent == 0 else _multiply(_power(exponent - 1), _power(exponent - 1))


@cache
def _shift(count: int) -> int:
    """Give what a number of zero bytes multiplies the register by."""
    product, bits, exponent = ONE, count * 8, 0
    while bits:
        if bits & 1:
            product = _multiply(product, _power(exponent))
        bits >>= 1
        exponent += 1
    return product


def zeros(crc: int, count: int) -> int:
    """Go on with a number of zero bytes."""
    return _multiply(crc ^ MASK, _shift(count)) ^ MASK


def combine(first: int, second: int, second_size: int) -> int:
    """Give the CRC of two stretches of bytes after each other."""
    return _multiply(first, _shift(second_size)) ^ second


@cache
def _table() -> tuple[int, ...]:
    rows = []
    for byte in range(256):
        value = byte
        for _ in range(8):
            value = (value >> 1) ^ (REFLECTED if value & 1 else 0)
        rows.append(value)
    return tuple(rows)


def by_table(crc: int, data: bytes | bytearray | memoryview) -> int:
    """Go on with bytes, in plain Python."""
    table, value = _table(), crc ^ MASK
    for byte in data:
        value = table[(value ^ byte) & 0xFF] ^ (value >> 8)
    return value ^ MASK


def by_anycrc() -> Callable[[int, Any], int]:
    """Make the function that uses anycrc.

    :raises ImportError: not installed
    """
    model = importlib.import_module("anycrc").CRC(64, POLY, MASK, True, True, MASK)

    def update(crc: int, data: Any) -> int:
        return int(model.calc(data, crc)) if len(data) else crc

    return update


def by_crcmod() -> Callable[[int, Any], int]:
    """Make the function that uses crcmod.

    :raises ImportError: not installed
    """
    function = importlib.import_module("crcmod").mkCrcFun(
        (1 << 64) | POLY, initCrc=0, xorOut=MASK, rev=True
    )

    def update(crc: int, data: Any) -> int:
        return int(function(bytes(data), crc))

    return update


@cache
def _fastest() -> Callable[[int, Any], int]:
    for make in (by_anycrc, by_crcmod):
        try:
            return make()
        except ImportError:
            continue
    return by_table


def update(crc: int, data: bytes | bytearray | memoryview) -> int:
    """Go on with bytes; a new CRC starts from 0."""
    return _fastest()(crc, data)
