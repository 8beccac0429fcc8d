#!/usr/bin/env python3
"""A Plugwire plugin in Python, from docs/PROTOCOL.md alone: the standard library, no code of Plugwire's.

It serves the contract `greeter` over a Unix socket, TCP or stdio. Section numbers are those of the document.
"""

import collections
import hashlib
import hmac
import json
import math
import os
import re
import selectors
import socket
import struct
import sys
import tempfile
import time

# --- §6 Values ---------------------------------------------------------------------------------------------------------

SAFE = 2**53 - 1


class Malformed(Exception):
    """§6.8: a message that is refused, and the byte where the fault begins."""

    def __init__(self, at, what):
        super().__init__(f"malformed message at byte {at}: {what}")
        self.at = at


class Undefined:
    """The one value of CBOR that Python has no name for."""

    def __repr__(self):
        return "undefined"


UNDEFINED = Undefined()


class BigInt(int):
    """An integer that crossed as a bigint: §6.1 keeps the two types apart."""


class Date(float):
    """Seconds since 1970."""


class Wtf8(bytes):
    """A string with lone surrogates, which no str of Python's can be sent as."""


class Tagged:
    """What §6.2 puts behind a tag and Python has no type for: its number, and what it is on."""

    def __init__(self, tag, content):
        self.tag = tag
        self.content = content


class Pairs(list):
    """The entries of a Map: its keys are of any kind."""


class Hole:
    """An element that an array does not have."""


HOLE = Hole()
SHARE, SHARED, OBJECT, URI, SET, MAP, WTF8, REGEXP, ABSENT = 28, 29, 27, 32, 258, 259, 273, 21066, 31
# §6.2: the tags of RFC 8746, and how many bytes an element has.
WIDTHS = {64: 1, 68: 1, 72: 1, 65: 2, 69: 2, 73: 2, 77: 2, 80: 2, 84: 2, 66: 4, 70: 4, 74: 4, 78: 4, 81: 4, 85: 4}
WIDTHS.update({67: 8, 71: 8, 75: 8, 79: 8, 82: 8, 86: 8})
NATIVE_ERRORS = ("Error", "EvalError", "RangeError", "ReferenceError", "SyntaxError", "TypeError", "URIError")


def head(major, argument):
    """The first bytes of an item, in the fewest bytes."""
    if argument < 24:
        return bytes([major << 5 | argument])
    for info, form, most in ((24, ">B", 0xFF), (25, ">H", 0xFFFF), (26, ">I", 0xFFFFFFFF), (27, ">Q", 2**64 - 1)):
        if argument <= most:
            return bytes([major << 5 | info]) + struct.pack(form, argument)
    raise ValueError("too large")


def big(value):
    n = value if value >= 0 else -1 - value
    octets = int(n).to_bytes((int(n).bit_length() + 7) // 8, "big")
    return (b"\xc2" if value >= 0 else b"\xc3") + head(2, len(octets)) + octets


def number(value):
    if math.isnan(value):
        return b"\xf9\x7e\x00"
    if math.isinf(value):
        return b"\xf9\x7c\x00" if value > 0 else b"\xf9\xfc\x00"
    if value == 0 and math.copysign(1, value) < 0:
        return b"\xf9\x80\x00"
    if value == int(value) and abs(value) <= SAFE:
        return head(0, int(value)) if value >= 0 else head(1, -1 - int(value))
    return b"\xfb" + struct.pack(">d", value)


def encode(value):
    if value is UNDEFINED:
        return b"\xf7"
    if value is None:
        return b"\xf6"
    if value is True or value is False:
        return b"\xf5" if value else b"\xf4"
    if isinstance(value, BigInt) or (isinstance(value, int) and abs(value) > SAFE):
        return big(value)
    if isinstance(value, Date):
        return b"\xc1" + number(float(value))
    if isinstance(value, (int, float)):
        return number(value)
    if isinstance(value, str):
        octets = value.encode("utf-8")  # refuses lone surrogates
        return head(3, len(octets)) + octets
    if value is HOLE:
        return head(6, ABSENT) + b"\xf7"
    if isinstance(value, Wtf8):
        return head(6, WTF8) + head(2, len(value)) + value
    if isinstance(value, Tagged):
        return head(6, value.tag) + encode(value.content)
    if isinstance(value, Pairs):
        return head(5, len(value)) + b"".join(encode(key) + encode(item) for key, item in value)
    if isinstance(value, (bytes, bytearray)):
        return head(2, len(value)) + bytes(value)
    if isinstance(value, (list, tuple)):
        return head(4, len(value)) + b"".join(encode(item) for item in value)
    if isinstance(value, dict):
        return head(5, len(value)) + b"".join(encode(key) + encode(item) for key, item in value.items())
    raise TypeError(f"cannot send {type(value).__name__}")


class Decoder:
    def __init__(self, octets, max_depth=100):
        self.octets = octets
        self.at = 0
        self.depth = 0
        self.max_depth = max_depth
        self.marked = []  # §6.6: whether what tag 28 marked can be named yet

    def message(self):
        value = self.item()
        if self.at < len(self.octets):
            raise Malformed(self.at, "bytes after the end")
        return value

    def take(self, count):
        if len(self.octets) - self.at < count:
            raise Malformed(self.at, "the bytes end inside an item")
        self.at += count
        return self.octets[self.at - count : self.at]

    def argument(self, start, info):
        if info < 24:
            return info
        if info > 27:
            raise Malformed(start, "reserved additional information, or an indefinite length")
        size = 1 << (info - 24)
        return int.from_bytes(self.take(size), "big")

    def length(self, start, info, least):
        length = self.argument(start, info)
        if length * least > len(self.octets) - self.at:
            raise Malformed(start, "a length past the end")
        return length

    def item(self):
        start = self.at
        first = self.take(1)[0]
        major, info = first >> 5, first & 31
        if major == 0 or major == 1:
            n = self.argument(start, info)
            n = n if major == 0 else -1 - n
            return n if abs(n) <= SAFE else BigInt(n)
        if major == 2:
            return bytes(self.take(self.length(start, info, 1)))
        if major == 3:
            return self.text(start, info)
        if major == 4:
            self.enter(start)
            count = self.length(start, info, 1)
            self.begun()
            values = [self.element() for _ in range(count)]
            self.depth -= 1
            return values
        if major == 5:
            return self.map(start, info)
        if major == 6:
            return self.tagged(start, self.argument(start, info))
        return self.simple(start, info)

    def begun(self):
        """§6.6: what holds others can be named from here on."""
        if self.marked and self.marked[-1] == "next":
            self.marked[-1] = "there"

    def element(self):
        start = self.at
        if start < len(self.octets) and self.octets[start] >> 5 == 6:
            if self.argument(start, self.take(1)[0] & 31) == ABSENT:
                if self.octets[self.at : self.at + 1] != b"\xf7":
                    raise Malformed(start, "a hole that is not undefined")
                self.at += 1
                return HOLE
            self.at = start
        return self.item()

    def major(self):
        return self.octets[self.at] >> 5 if self.at < len(self.octets) else -1

    def count(self, major, least, what):
        start = self.at
        if self.major() != major:
            raise Malformed(start, what)
        return self.length(start, self.take(1)[0] & 31, least)

    def string(self, what):
        start = self.at
        if self.major() == 3:
            return self.text(start, self.take(1)[0] & 31)
        if self.major() == 6 and self.argument(start, self.take(1)[0] & 31) == WTF8:
            return self.wtf8(start)
        raise Malformed(start, what)

    def wtf8(self, start):
        octets = self.take(self.count(2, 1, "WTF-8 that is no byte string"))
        try:
            text = octets.decode("utf-8", "surrogatepass")
        except UnicodeDecodeError:
            raise Malformed(start, "no WTF-8") from None
        is_pair = any("\ud800" <= a < "\udc00" <= b < "\ue000" for a, b in zip(text, text[1:]))
        if is_pair or not any("\ud800" <= unit < "\ue000" for unit in text):
            raise Malformed(start, "WTF-8 that has another form")
        return Wtf8(octets)

    def enter(self, start):
        self.depth += 1
        if self.depth > self.max_depth:
            raise Malformed(start, "nested too deep")

    def text(self, start, info):
        length = self.length(start, info, 1)
        begin = self.at
        try:
            return self.take(length).decode("utf-8")
        except UnicodeDecodeError:
            raise Malformed(begin, "invalid UTF-8") from None

    def map(self, start, info):
        self.enter(start)
        values = {}
        size = self.length(start, info, 2)
        self.begun()
        for _ in range(size):
            key_at = self.at
            key = self.string("a key that is no text")
            if key in values:
                raise Malformed(key_at, "a key twice")
            values[key] = self.item()
        self.depth -= 1
        return values

    def tagged(self, start, tag):
        inner = self.at
        if tag in (2, 3):
            n = int.from_bytes(self.take(self.count(2, 1, "a bigint that is no byte string")), "big")
            return BigInt(n if tag == 2 else -1 - n)
        if tag == 1:
            return self.date(start)
        if tag in WIDTHS:
            octets = self.take(self.count(2, 1, "a typed array that is no byte string"))
            if len(octets) % WIDTHS[tag] != 0:
                raise Malformed(start, "a typed array with part of an element")
            return Tagged(tag, octets)
        if tag == WTF8:
            return self.wtf8(start)
        if tag == URI:
            text = self.string("a URL that is no text")
            # Which URLs there are is a standard of its own; without a scheme none is.
            if isinstance(text, Wtf8) or re.match("[A-Za-z][A-Za-z0-9+.-]*:", text) is None:
                raise Malformed(start, "no URL")
            return Tagged(tag, text)
        if tag == REGEXP:
            parts = self.count(4, 1, "a RegExp that is no array")
            if parts not in (1, 2):
                raise Malformed(start, "a RegExp of other parts")
            self.enter(start)
            source = self.regexp(start, parts == 2)
            self.depth -= 1
            return Tagged(tag, source)
        if tag in (MAP, SET):
            return Tagged(tag, self.collection(start, tag))
        if tag == OBJECT:
            return Tagged(tag, self.object(start))
        if tag == SHARE:
            return self.share(start)
        if tag == SHARED:
            place = self.item() if self.major() == 0 else -1
            if not 0 <= place < len(self.marked) or self.marked[place] != "there":
                raise Malformed(start, "a name of nothing")
            return Tagged(tag, place)
        raise Malformed(start, "an unknown tag")

    def date(self, start):
        seconds = self.item() if self.major() in (0, 1, 7) else None
        if isinstance(seconds, (bool, BigInt)) or not isinstance(seconds, (int, float)):
            raise Malformed(start, "a date that is no number")
        if math.isinf(seconds) or abs(seconds) > 8.64e12:
            raise Malformed(start, "a date past what there is")
        return Date(seconds)

    def regexp(self, start, has_flags):
        parts = [self.string("a source that is no text")]
        if has_flags:
            parts.append(self.string("flags that are no text"))
        flags = parts[1] if has_flags else ""
        # Which sources there are is a standard of its own; parentheses count in this one, too.
        if set(flags) - set("dgimsuvy") or len(set(flags)) < len(flags) or parts[0].count("(") != parts[0].count(")"):
            raise Malformed(start, "no RegExp")
        return parts

    def collection(self, start, tag):
        what = "a Map that is no map" if tag == MAP else "a Set that is no array"
        size = self.count(5, 2, what) if tag == MAP else self.count(4, 1, what)
        self.enter(start)
        self.begun()
        keys, items = [], Pairs() if tag == MAP else []
        for _ in range(size):
            key_at = self.at
            key = self.item()
            if any(is_same_key(key, other) for other in keys):
                raise Malformed(key_at, "a key or an element twice")
            keys.append(key)
            items.append((key, self.item()) if tag == MAP else key)
        self.depth -= 1
        return items

    def object(self, start):
        items = self.count(4, 1, "an object that is no array")
        if items == 0:
            raise Malformed(start, "an object without a class")
        self.enter(start)
        name = self.string("a class that is no text")
        if name in ("ArrayBuffer", "DataView"):
            if items != 2:
                raise Malformed(start, "a buffer of other parts")
            parts = [self.take(self.count(2, 1, "a buffer that is no byte string"))]
        elif name == "RegExp":
            if items != 4:
                raise Malformed(start, "a RegExp of other parts")
            parts = self.regexp(start, True)
            parts.append(self.item() if self.major() == 0 else None)
            if not isinstance(parts[2], int) or isinstance(parts[2], BigInt):
                raise Malformed(start, "a place that is none")
        else:
            parts = self.error(start, name, items)
        self.depth -= 1
        return [name, *parts]

    def error(self, start, name, items):
        own = {"AggregateError": ("errors",), "SuppressedError": ("error", "suppressed"), "DOMException": ()}
        if name not in NATIVE_ERRORS and name not in own:
            raise Malformed(start, "an unknown class")
        least = 3 if name == "DOMException" else 2
        if not least <= items <= least + 2:
            raise Malformed(start, "an error of other parts")
        parts = [self.item() if self.major() == 7 else self.string("a message that is no text")]
        if parts[0] is not UNDEFINED and not isinstance(parts[0], (str, Wtf8)):
            raise Malformed(start, "a message that is no text")
        if name == "DOMException":
            parts.append(self.string("a name that is no text"))
        self.begun()
        for i in range(items - least):
            if self.major() != 5:
                raise Malformed(start, "parts that are no map")
            parts.append(self.item())
            for key, part in parts[-1].items() if i == 0 else ():
                is_known = key == "cause" or key in own.get(name, ())
                is_known = is_known or (key in ("name", "stack") and isinstance(part, (str, Wtf8)))
                if not is_known or (key == "errors" and not is_array(part)):
                    raise Malformed(start, "a part that is not known")
        return parts

    def share(self, start):
        inner = self.at
        is_one = self.major() in (2, 4, 5)
        if self.major() == 6:
            tag = self.argument(inner, self.take(1)[0] & 31)
            is_one = tag in (1, OBJECT, URI, SET, MAP, REGEXP) or tag in WIDTHS
            self.at = inner
        if not is_one:
            raise Malformed(start, "a mark of what is no object")
        place = len(self.marked)
        self.marked.append("next")
        item = self.item()
        self.marked[place] = "there"
        return Tagged(SHARE, item)

    def simple(self, start, info):
        if info in (20, 21, 22, 23):
            return (False, True, None, UNDEFINED)[info - 20]
        if info in (25, 26, 27):
            value = struct.unpack({25: ">e", 26: ">f", 27: ">d"}[info], self.take(1 << (info - 24)))[0]
            return value
        raise Malformed(start, "a simple value without a meaning")


def is_array(value):
    return isinstance(value, list) or (isinstance(value, Tagged) and value.tag == SHARE and is_array(value.content))


def is_same_key(a, b):
    """§6.8: as a Map of JavaScript's tells its keys apart: objects are never the same, unless by tag 29."""
    if isinstance(a, Tagged) and isinstance(b, Tagged):
        return a.tag == b.tag == SHARED and a.content == b.content
    if isinstance(a, Date) or isinstance(b, Date) or isinstance(a, bool) != isinstance(b, bool):
        return False
    if isinstance(a, BigInt) != isinstance(b, BigInt) or isinstance(a, Wtf8) != isinstance(b, Wtf8):
        return False
    if isinstance(a, (int, float)) and isinstance(b, (int, float)):
        return a == b or (a != a and b != b)
    if isinstance(a, (str, Wtf8)) or a is None or a is UNDEFINED:
        return type(a) is type(b) and a == b
    return False


def decode(octets):
    return Decoder(octets).message()


# --- §3 and §4 Preface and frames ----------------------------------------------------------------------------------------

PREFACE = b"\x89PWIRE\r\n"
DATA, BYTES, CREDIT, RESET, PING, GOAWAY, CONTROL, HELLO, AUTH = range(9)
OPEN, MORE, END = 1, 2, 4
STOPPED, STOP = 1, 2
ACK = DRAIN = 1
MAX_FRAME = 65_536
WINDOW = 65_536
MAX_MESSAGE = 128 * 1024 * 1024
MAX_STREAMS = 1_024

# §4.2: flags, least and most bytes, whether it belongs to a stream.
RULES = {
    DATA: (OPEN | MORE | END, 0, MAX_FRAME, True),
    BYTES: (OPEN | END, 0, MAX_FRAME, True),
    CREDIT: (0, 4, 4, True),
    RESET: (STOPPED | STOP, 2, 4_098, True),
    PING: (ACK, 8, 8, False),
    GOAWAY: (DRAIN, 6, 4_102, False),
    CONTROL: (0, 1, MAX_FRAME, False),
    HELLO: (0, 1, 65_536, False),
    AUTH: (0, 32, 32, False),
}


class Broken(Exception):
    """The peer broke a rule: ends the session with this code (§5.6)."""

    def __init__(self, code, what):
        super().__init__(what)
        self.code = code


class NotPlugwire(Broken):
    """Another preface."""


def check_header(length, kind, flags, stream):
    if length > MAX_FRAME:
        raise Broken(1, "a frame that is too long")
    if kind not in RULES:
        if 0x40 <= kind <= 0x7F:
            return
        raise Broken(1, f"a frame of unknown type {kind:02x}")
    known, least, most, on_stream = RULES[kind]
    if flags & ~known or not least <= length <= most or on_stream != (stream != 0):
        raise Broken(1, f"a header against the rules: {length} {kind} {flags} {stream}")
    if kind == DATA and (flags & MORE and flags & END or length == 0 and not flags & END):
        raise Broken(1, "DATA with MORE and END, or with nothing")
    if kind == RESET and flags == 0:
        raise Broken(1, "RESET without a flag")


class Frames:
    """Takes bytes in whatever pieces and gives frames."""

    def __init__(self):
        self.buffer = bytearray()
        self.begun = False

    def push(self, octets):
        self.buffer += octets
        if not self.begun:
            if self.buffer[:8] != PREFACE[: len(self.buffer)]:
                raise NotPlugwire(1, f"not a Plugwire session: {bytes(self.buffer[:32])!r}")
            if len(self.buffer) < 8:
                return
            del self.buffer[:8]
            self.begun = True
        while len(self.buffer) >= 9:
            length = int.from_bytes(self.buffer[:3], "big")
            kind, flags, stream = struct.unpack(">BBI", self.buffer[3:9])
            check_header(length, kind, flags, stream)
            if len(self.buffer) < 9 + length:
                return
            payload = bytes(self.buffer[9 : 9 + length])
            del self.buffer[: 9 + length]
            if kind in RULES:
                yield kind, flags, stream, payload


# --- §5 Streams ------------------------------------------------------------------------------------------------------------


class Stream:
    def __init__(self, number):
        self.number = number
        self.receiving = self.sending = True
        self.receive_credit = self.send_credit = WINDOW
        self.kind = None
        self.total = None
        self.parts = bytearray()
        self.out = None
        self.out_total = 0
        self.opened = False
        self.stop_sent = False
        self.on_message = lambda message: None
        self.on_stopped = lambda code: None
        self.on_stop = lambda code: None
        self.on_end = lambda: None

    @property
    def is_over(self):
        return not self.receiving and not self.sending


class Session:
    """One session of a plugin (§5, §7, §8)."""

    def __init__(self, write, secret, versions, contracts):
        self.write = write
        self.secret = secret
        self.versions = versions
        self.contracts = contracts
        self.frames = Frames()
        self.phase = "hello"
        self.streams = {}
        self.last_remote = 0
        self.next_local = 2
        self.targets = {}
        self.peer = {}
        self.next_target = 0
        self.draining = False
        write(PREFACE)

    # Out.

    def frame(self, kind, flags=0, stream=0, payload=b""):
        if self.phase != "over":
            self.write(struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload)

    def end(self, code=0, text=""):
        """§5.6: the last GOAWAY; the caller ends the direction."""
        if self.phase == "over":
            return
        payload = struct.pack(">IH", self.last_remote, code) + text.encode("utf-8")[:4_096]
        self.frame(GOAWAY, 0, 0, payload)
        self.phase = "over"

    def reset(self, stream, flags, code):
        if not stream.sending:
            flags &= ~STOPPED
        if not stream.receiving or stream.stop_sent:
            flags &= ~STOP
        if flags == 0:
            return
        if flags & STOPPED:
            stream.sending = False
            stream.out = None
        if flags & STOP:
            stream.stop_sent = True
        self.frame(RESET, flags, stream.number, struct.pack(">H", code))
        self.forget(stream)

    def send(self, stream, message):
        """Sends the one message of a half, and its end."""
        stream.out = memoryview(message)
        stream.out_total = len(message)
        self.go_on(stream)

    def go_on(self, stream):
        """§5.2, §5.3: whole, or in fragments as far as the credit goes."""
        while stream.out is not None and stream.sending:
            left = len(stream.out)
            first = left == stream.out_total
            opens = 0 if stream.opened else OPEN
            if first and left <= min(32_768, stream.send_credit):
                payload, count, last = bytes(stream.out), left, True
            else:
                overhead = 4 if first else 0
                count = min(left, 32_768 - overhead, stream.send_credit - overhead)
                if count <= 0:
                    return
                last = count == left
                payload = (struct.pack(">I", stream.out_total) if first else b"") + bytes(stream.out[:count])
            stream.opened = True
            stream.send_credit -= len(payload)
            stream.out = None if last else stream.out[count:]
            if last:
                stream.sending = False
            self.frame(DATA, opens | (END if last else MORE), stream.number, payload)
        self.forget(stream)

    def forget(self, stream):
        if stream.is_over:
            self.streams.pop(stream.number, None)

    # In.

    def receive(self, octets):
        try:
            for kind, flags, stream, payload in self.frames.push(octets):
                if self.phase == "over":
                    return
                self.dispatch(kind, flags, stream, payload)
        except Broken as error:
            self.end(error.code, str(error))

    def dispatch(self, kind, flags, number, payload):
        if kind == PING:
            if flags == ACK:
                raise Broken(1, "an answer to no PING")
            return self.frame(PING, ACK, 0, payload)
        if kind == GOAWAY:
            if flags == DRAIN:
                self.draining = True
                return None
            return self.end()
        if kind == HELLO:
            return self.on_hello(payload)
        if kind == AUTH:
            return self.on_auth(payload)
        if self.phase != "open":
            raise Broken(1, "a frame before the hellos were done")
        if kind == CONTROL:
            return self.on_control(payload)
        return self.on_stream(kind, flags, number, payload)

    def on_stream(self, kind, flags, number, payload):
        if kind in (DATA, BYTES) and flags & OPEN:
            stream = self.accept(number)
        else:
            stream = self.streams.get(number)
        if stream is None:
            is_late = kind == CREDIT or (kind == RESET and flags == STOP)
            if is_late and self.was_open(number):
                return None
            raise Broken(1, f"a frame on stream {number}, which is not open")
        if kind == DATA:
            return self.on_data(stream, flags, payload)
        if kind == BYTES:
            return self.on_bytes(stream, flags, payload)
        if kind == CREDIT:
            return self.on_credit(stream, struct.unpack(">I", payload)[0])
        return self.on_reset(stream, flags, struct.unpack(">H", payload[:2])[0])

    def accept(self, number):
        """§5.1."""
        ahead = (number - self.last_remote) % 2**32
        if number % 2 == 0 or number in self.streams or not 1 <= ahead < 2**31:
            raise Broken(1, f"OPEN with id {number}")
        remote = sum(1 for n in self.streams if n % 2 == 1)
        if remote >= MAX_STREAMS + 1_024:
            raise Broken(3, "too many refused streams")
        self.last_remote = number
        stream = Stream(number)
        stream.opened = True
        self.streams[number] = stream
        if remote >= MAX_STREAMS:
            self.reset(stream, STOPPED | STOP, 2)
        else:
            Call(self, stream)
        return stream

    def was_open(self, number):
        if number % 2 == 0:
            return number < self.next_local
        return not 1 <= (number - self.last_remote) % 2**32 < 2**31

    def spend(self, stream, kind, payload):
        if not stream.receiving:
            raise Broken(1, f"a frame after the end of stream {stream.number}")
        if stream.kind not in (None, kind):
            raise Broken(1, "DATA and BYTES in one half")
        stream.kind = kind
        stream.receive_credit -= len(payload)
        if stream.receive_credit < 0:
            raise Broken(2, "more than the credit")

    def on_data(self, stream, flags, payload):
        self.spend(stream, DATA, payload)
        message = None
        if stream.total is None and not flags & MORE:
            message = payload if payload else None
        else:
            if stream.total is None:
                if len(payload) < 5:
                    raise Broken(1, "a first fragment of less than five bytes")
                stream.total = struct.unpack(">I", payload[:4])[0]
                payload = payload[4:]
                if stream.total > MAX_MESSAGE:
                    self.reset(stream, STOPPED | STOP, 3)
            if not payload:
                raise Broken(1, "an empty fragment")
            stream.parts += payload
            missing = stream.total - len(stream.parts)
            if missing < 0 or (missing == 0) == bool(flags & MORE):
                raise Broken(1, "fragments that do not add up")
            if flags & MORE:
                more = missing - stream.receive_credit
                if more > 0 and not stream.stop_sent:
                    stream.receive_credit += more
                    self.frame(CREDIT, 0, stream.number, struct.pack(">I", more))
                return
            message, stream.parts, stream.total = bytes(stream.parts), bytearray(), None
        if flags & END:
            stream.receiving = False
        elif not stream.stop_sent and stream.receive_credit <= WINDOW // 2:
            self.frame(CREDIT, 0, stream.number, struct.pack(">I", WINDOW - stream.receive_credit))
            stream.receive_credit = WINDOW
        if message is None:
            stream.on_end()
        elif not stream.stop_sent:
            stream.on_message(message)
        self.forget(stream)

    def on_bytes(self, stream, flags, payload):
        self.spend(stream, BYTES, payload)
        if flags & END:
            stream.receiving = False
        # §8.2: no call has bytes.
        self.reset(stream, STOPPED | STOP, 2)
        self.forget(stream)

    def on_credit(self, stream, count):
        if count == 0:
            raise Broken(1, "CREDIT of 0")
        stream.send_credit += count
        if stream.send_credit > 2**31 - 1:
            raise Broken(2, "too much credit")
        self.go_on(stream)

    def on_reset(self, stream, flags, code):
        if flags & STOPPED:
            if not stream.receiving:
                raise Broken(1, "STOPPED on a half that had ended")
            stream.receiving = False
            stream.on_stopped(code)
        if flags & STOP and stream.sending:
            if stream.out is not None:
                self.reset(stream, STOPPED, code)
            else:
                stream.on_stop(code)
        self.forget(stream)

    # §7 Hello and authentication.

    def on_hello(self, payload):
        if self.phase != "hello":
            raise Broken(5, "a second HELLO")
        try:
            hello = decode(payload)
        except Malformed as error:
            raise Broken(5, str(error)) from None
        if not isinstance(hello, dict) or hello.get("role") != "host" or 1 not in hello.get("wire", []):
            raise Broken(5, "not the hello of a host that speaks wire version 1")
        self.peer = hello
        # A host that keeps no list gets the lowest.
        common = [version for version in hello.get("versions", [min(self.versions)]) if version in self.versions]
        mine = encode(
            {
                "wire": [1],
                "role": "plugin",
                "nonce": os.urandom(16),
                "auth": self.secret is not None,
                "limits": {"frame": MAX_FRAME, "streams": MAX_STREAMS, "message": MAX_MESSAGE, "depth": 100},
                "versions": self.versions,
                "version": max(common) if common else None,
                "instance": os.urandom(16).hex(),
                "pid": os.getpid(),
                "started": int(STARTED * 1_000),
                "contracts": [{"name": name, "methods": list(methods)} for name, methods in self.contracts.items()]
                if common
                else [],
                "software": "independent_plugin.py",
            }
        )
        self.frame(HELLO, 0, 0, mine)
        if hello.get("auth", False) != (self.secret is not None):
            raise Broken(4, "one side has a secret and the other has none")
        if self.secret is None:
            self.phase = "open"
            return
        self.phase = "auth"
        self.th = transcript_hash(payload, mine)
        self.frame(AUTH, 0, 0, proof(self.secret, "plugin", self.th))

    def on_auth(self, payload):
        if self.phase != "auth":
            raise Broken(5, "AUTH out of its order")
        if not hmac.compare_digest(payload, proof(self.secret, "host", self.th)):
            raise Broken(4, "the host does not know the secret")
        self.phase = "open"

    # §8 Calls.

    def on_control(self, payload):
        try:
            message = decode(payload)
        except Malformed as error:
            raise Broken(1, str(error)) from None
        if not isinstance(message, list):
            raise Broken(1, "CONTROL that is no array")
        if message[:1] == [0]:
            target, name = message[1], message[2]
            if name not in self.contracts or target in self.targets:
                raise Broken(1, f"dispense of {name!r} as {target!r}")
            if len(self.targets) >= 1_024:
                raise Broken(3, "too many targets")
            self.targets[target] = self.contracts[name]
        elif message[:1] == [1]:
            self.targets.pop(message[1], None)

    def dispense(self, name):
        """Takes one of the host's contracts. Gives its target."""
        target = self.next_target
        self.next_target += 1
        self.frame(CONTROL, 0, 0, encode([0, target, name]))
        return target

    def call(self, target, method, args, on_reply):
        """Calls the host."""
        stream = Stream(self.next_local)
        self.next_local += 2
        self.streams[stream.number] = stream
        stream.on_message = lambda message: on_reply(decode(message))
        stream.on_stopped = lambda code: on_reply([None, 2, {"code": "cancelled", "message": f"stopped, code {code}"}])
        stream.on_end = lambda: on_reply([None, 2, {"code": "bad_message", "message": "no reply"}])
        stream.on_stop = lambda code: self.reset(stream, STOPPED, code)
        self.send(stream, encode([None, target, method, args]))


def transcript_hash(host_hello, plugin_hello):
    return hashlib.sha256(PREFACE + PREFACE + host_hello + plugin_hello).digest()


def proof(secret, role, th):
    return hmac.new(secret, role.encode() + th, hashlib.sha256).digest()


class Failure(Exception):
    """Becomes a reply of status 2."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


LATER = object()


class Call:
    """§8.2: one call of the host."""

    def __init__(self, session, stream):
        self.session = session
        self.stream = stream
        self.is_running = False
        self.on_cancel = None
        stream.on_message = self.begin
        stream.on_end = lambda: session.reset(stream, STOPPED, 2)
        stream.on_stopped = lambda code: session.reset(stream, STOPPED, code)
        stream.on_stop = self.cancel

    def begin(self, message):
        try:
            call = decode(message)
            if not isinstance(call, list) or len(call) not in (4, 5) or call[0] is not None:
                raise Failure("bad_message", "a call is an array of 4 or 5 items")
            _, target, method, args = call[:4]
            if not isinstance(method, str) or not isinstance(args, list):
                raise Failure("bad_message", "method is a text, args an array")
            if not isinstance(target, int) or target not in self.session.targets:
                raise Failure("bad_message", f"target {target!r} was not dispensed")
            methods = self.session.targets[target]
            if method not in methods:
                raise Failure("no_such_method", f"no method {method!r}")
        except Malformed as error:
            return self.fail("bad_message", str(error))
        except Failure as failure:
            return self.fail(failure.code, str(failure))
        self.is_running = True
        try:
            result = methods[method](self, *args)
        except Exception as error:  # what an implementation throws is the caller's
            value = Tagged(OBJECT, ["Error", str(error), {"name": type(error).__name__}])
            return self.reply([None, 1, {"value": value}])
        if result is not LATER:
            self.give(result)
        return None

    def give(self, result):
        self.reply([None, 0, result])

    def fail(self, code, message):
        self.reply([None, 2, {"code": code, "message": message, "execution": "none"}])

    def reply(self, body):
        if self.stream.sending:
            self.session.send(self.stream, encode(body))

    def cancel(self, code):
        if self.on_cancel is not None:
            self.on_cancel()
        self.session.reset(self.stream, STOPPED, code)


# --- What is served ----------------------------------------------------------------------------------------------------------


class Greeter:
    @staticmethod
    def greet(_call, name):
        return f"Hello, {name}!"

    @staticmethod
    def echo(_call, value=UNDEFINED):
        return value

    @staticmethod
    def fail(_call):
        raise ValueError("no such name")

    @staticmethod
    def wait(call):
        call.on_cancel = lambda: log("info", "the call was cancelled")
        return LATER

    @staticmethod
    def welcome(call):
        """Asks the host for a name, and greets it."""
        session = call.session
        target = session.dispense("names")
        session.call(target, "next", [], lambda reply: call.give(f"Hello, {reply[2]}!"))
        return LATER


NAMES = ("greet", "echo", "fail", "wait", "welcome")
CONTRACTS = {"greeter": {name: getattr(Greeter, name) for name in NAMES}}

# --- §2 Handshake --------------------------------------------------------------------------------------------------------------

STARTED = time.time()
COOKIE = ("PLUGWIRE_PLUGIN", "6a1f2c4e-8d0b-4f57-9c3e-5b7a90d1e2f4")


def log(level, message, **fields):
    """§2.7: a line of go-hclog on stderr."""
    now = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime()) + ".000000Z"
    print(json.dumps({"@level": level, "@message": message, "@timestamp": now, **fields}), file=sys.stderr, flush=True)


def take_variable(name):
    return os.environ.pop(name, "") or None


class Connection:
    """One link: a socket, or stdin and stdout."""

    def __init__(self, plugin, reader, writer):
        self.plugin = plugin
        self.reader = reader
        self.writer = writer
        self.queue = collections.deque()
        self.is_ended = False
        self.session = Session(self.queue.append, plugin.secret, [1], CONTRACTS)

    def on_readable(self):
        try:
            octets = os.read(self.reader, 65_536)
        except (ConnectionError, BlockingIOError) as error:
            octets = None if isinstance(error, BlockingIOError) else b""
        if octets == b"":
            self.session.end()
            self.flush()
            self.plugin.close(self)
            return
        if octets:
            self.session.receive(octets)
        self.flush()

    def flush(self):
        """Writes what there is to write. §5.3 has it go on reading meanwhile."""
        while self.queue:
            octets = self.queue[0]
            try:
                count = os.write(self.writer, octets)
            except BlockingIOError:
                return self.plugin.watch(self, True)
            except OSError:
                self.queue.clear()
                return self.plugin.close(self)
            self.queue[0] = octets[count:]
            if not self.queue[0]:
                self.queue.popleft()
        self.plugin.watch(self, False)
        if self.session.phase == "open":
            self.plugin.decide(self)
        if self.session.phase == "over" and not self.is_ended:
            self.is_ended = True
            self.plugin.half_close(self)
        return None


class Plugin:
    def __init__(self):
        secret = take_variable("PLUGWIRE_SECRET")
        self.secret = bytes.fromhex(secret) if secret is not None else None
        self.host = take_variable("PLUGWIRE_HOST")
        self.transport = take_variable("PLUGWIRE_TRANSPORT") or "unix"
        self.lifeline = take_variable("PLUGWIRE_LIFELINE") or "none"
        self.directory = take_variable("PLUGIN_UNIX_SOCKET_DIR")
        self.selector = selectors.DefaultSelector()
        self.sockets = {}
        self.listener = None
        self.path = None
        self.is_over = False

    def listen(self):
        """§2.3. Gives network and address for the line."""
        if self.transport == "stdio":
            return "stdio", "-"
        if self.transport == "tcp":
            if self.secret is None:
                raise SystemExit("tcp without PLUGWIRE_SECRET is refused")
            self.listener = socket.create_server(("127.0.0.1", 0))
            network, address = "tcp", f"127.0.0.1:{self.listener.getsockname()[1]}"
        else:
            directory = self.directory or tempfile.mkdtemp(prefix="plugwire-")
            self.path = os.path.join(directory, "s" if self.host else f"plugwire-{os.getpid()}")
            self.listener = socket.socket(socket.AF_UNIX)
            self.listener.bind(self.path)
            self.listener.listen(8)
            network, address = "unix", self.path
        self.listener.setblocking(False)
        self.selector.register(self.listener, selectors.EVENT_READ, self.accept)
        return network, address

    def say_line(self, network, address):
        """§2.4."""
        line = f"1|1|{network}|{address}|plugwire|\n"
        sys.stdout.write(("\n" if self.host else "") + line)
        sys.stdout.flush()

    def run(self):
        self.say_line(*self.listen())
        if self.transport == "stdio":
            os.set_blocking(0, False)
            os.set_blocking(1, False)
            self.add(Connection(self, 0, 1))
        elif self.lifeline == "stdin":
            self.selector.register(0, selectors.EVENT_READ, self.on_stdin)
        deadline = time.monotonic() + 60
        while not self.is_over:
            waiting = self.listener is not None
            ready = self.selector.select(1 if waiting else None)
            if waiting and time.monotonic() > deadline:
                break
            for key, events in ready:
                if isinstance(key.data, Connection):
                    self.serve(key.data, events)
                else:
                    key.data()
        self.stop_listening()

    def serve(self, connection, events):
        if events & selectors.EVENT_WRITE:
            connection.flush()
        if events & selectors.EVENT_READ:
            connection.on_readable()

    def accept(self):
        one, _ = self.listener.accept()
        one.setblocking(False)
        connection = Connection(self, one.fileno(), one.fileno())
        self.sockets[connection] = one
        self.add(connection)

    def add(self, connection):
        self.selector.register(connection.reader, selectors.EVENT_READ, connection)
        connection.flush()

    def watch(self, connection, writing):
        """Whether to hear when there is room to write."""
        known = self.selector.get_map()
        if connection.reader == connection.writer:
            if connection.reader in known:
                events = selectors.EVENT_READ | (selectors.EVENT_WRITE if writing else 0)
                self.selector.modify(connection.reader, events, connection)
        elif writing and connection.writer not in known:
            self.selector.register(connection.writer, selectors.EVENT_WRITE, connection)
        elif not writing and connection.writer in known:
            self.selector.unregister(connection.writer)

    def decide(self, connection):
        """§2.7: this one is the host; all others are closed, and no more are taken."""
        self.stop_listening()
        for other in [one for one in self.sockets if one is not connection]:
            self.drop(other)

    def stop_listening(self):
        if self.listener is None:
            return
        self.selector.unregister(self.listener)
        self.listener.close()
        self.listener = None
        if self.path is not None:
            try:
                os.unlink(self.path)
            except FileNotFoundError:
                pass  # §2.7: the host may have been first.

    def half_close(self, connection):
        one = self.sockets.get(connection)
        if one is not None:
            one.shutdown(socket.SHUT_WR)
        else:
            os.close(connection.writer)

    def drop(self, connection):
        for one in {connection.reader, connection.writer}:
            if one in self.selector.get_map():
                self.selector.unregister(one)
        one = self.sockets.pop(connection, None)
        if one is not None:
            one.close()

    def close(self, connection):
        self.drop(connection)
        # Without a host yet, another may come.
        if self.listener is None:
            self.is_over = True

    def on_stdin(self):
        if os.read(0, 65_536) == b"":
            self.is_over = True


def main():
    if os.environ.get(COOKIE[0]) != COOKIE[1]:
        sys.stderr.write("This is a Plugwire plugin: a host starts it. It serves greeter.\n")
        raise SystemExit(1)
    Plugin().run()


if __name__ == "__main__":
    main()
