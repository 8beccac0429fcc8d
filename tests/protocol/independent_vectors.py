#!/usr/bin/env python3
"""Holds tests/vectors/*.json against independent_plugin.py, which was written from docs/PROTOCOL.md alone."""

import json
import math
import os
import struct
import sys

from independent_plugin import PREFACE, Broken, Frames, Malformed, NotPlugwire, decode, encode, proof, transcript_hash

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "vectors")
count = 0


def vectors(name):
    with open(os.path.join(FOLDER, name), encoding="utf-8") as file:
        return json.load(file)


def hold(is_held, name):
    global count
    count += 1
    if not is_held:
        sys.exit(f"does not hold: {name}")


def octets(hexes):
    if isinstance(hexes, str):
        return bytes.fromhex(hexes)
    return b"".join(bytes.fromhex(one) if isinstance(one, str) else bytes.fromhex(one[0]) * one[1] for one in hexes)


def is_malformed(message, at):
    try:
        decode(message)
    except Malformed as error:
        return error.at == at
    return False


def fault(message):
    """What frames end in: None when they are good."""
    frames = Frames()
    try:
        for i in range(len(message)):
            list(frames.push(message[i : i + 1]))
    except NotPlugwire:
        return "not_plugwire"
    except Broken:
        return "protocol"
    return None


def is_same_hello(hex_digits, reads):
    hello = decode(octets(hex_digits))
    reads = {**reads, "nonce": octets(reads["nonce"])}
    return hello == reads and encode(hello) == octets(hex_digits)


def notation(message):
    """The diagnostic notation of one item (RFC 8949 §8), which knows of tags only that they are there."""
    text, rest = noted(message)
    while rest:
        more, rest = noted(rest)
        text += f", {more}"
    return text


def noted(message):
    major, info = message[0] >> 5, message[0] & 31
    width = 1 << (info - 24) if 24 <= info <= 27 else 0
    argument = int.from_bytes(message[1 : 1 + width], "big") if width else info
    rest = message[1 + width :]
    if major == 7:
        if width < 2:
            return {20: "false", 21: "true", 22: "null", 23: "undefined"}[argument], rest
        number = struct.unpack({2: ">e", 4: ">f", 8: ">d"}[width], message[1 : 1 + width])[0]
        return f"{float_text(number)}_{ {2: 1, 4: 2, 8: 3}[width] }", rest
    if major == 0:
        return str(argument), rest
    if major == 1:
        return str(-1 - argument), rest
    if major == 2:
        return f"h'{rest[:argument].hex()}'", rest[argument:]
    if major == 3:
        return json.dumps(rest[:argument].decode("utf-8")).replace("\x7f", "\\u007f"), rest[argument:]
    if major == 6:
        inner, rest = noted(rest)
        return f"{argument}({inner})", rest
    items = []
    for _ in range(argument):
        item, rest = noted(rest)
        if major == 5:
            value, rest = noted(rest)
            item += f": {value}"
        items.append(item)
    return f"[{', '.join(items)}]" if major == 4 else "{" + ", ".join(items) + "}", rest


def float_text(number):
    """A number as JavaScript writes it, with .0 for an integer."""
    if math.isnan(number) or math.isinf(number):
        return "NaN" if math.isnan(number) else "Infinity" if number > 0 else "-Infinity"
    if number == int(number) and abs(number) < 1e21:
        return f"{'-' if math.copysign(1, number) < 0 else ''}{abs(int(number))}.0"
    mantissa, _, exponent = repr(number).partition("e")
    return mantissa if exponent == "" else f"{mantissa.removesuffix('.0')}e{int(exponent):+d}"


values = vectors("values.json")
for one in values["values"]:
    message = octets(one["hex"])
    hold(encode(decode(message)) == message, one["name"])
    hold(notation(message) == one["diagnostic"], f"{one['name']}: {notation(message)}")
for one in values["accepted"]:
    decode(octets(one["hex"]))
    hold(True, one["name"])
    hold(notation(octets(one["hex"])) == one["diagnostic"], f"{one['name']}: {notation(octets(one['hex']))}")
for one in values["malformed"]:
    hold(is_malformed(octets(one["hex"]), one["at"]), one["name"])
    if "…" not in one["diagnostic"]:
        hold(notation(octets(one["hex"])) == one["diagnostic"], f"{one['name']}: {notation(octets(one['hex']))}")

frames = vectors("frames.json")
names = ("DATA", "BYTES", "CREDIT", "RESET", "PING", "GOAWAY", "CONTROL", "HELLO", "AUTH")
for one in frames["prefaces"] + frames["errors"]:
    before = b"" if one in frames["prefaces"] else PREFACE
    hold(fault(before + octets(one["hex"])) == one["error"], one["name"])
for one in frames["frames"]:
    met = list(Frames().push(PREFACE + octets(one["hex"])))
    expected = (names.index(one["type"]), one["flags"], one["stream"], octets(one["payload"]))
    hold(met == [expected], one["name"])
for one in frames["skipped"]:
    hold(list(Frames().push(PREFACE + octets(one["hex"]))) == [], one["name"])

auth = vectors("auth.json")
th = transcript_hash(octets(auth["host_hello"]), octets(auth["plugin_hello"]))
hold(th == octets(auth["th"]), "th")
for role in ("host", "plugin"):
    hold(proof(octets(auth["secret"]), role, th) == octets(auth[f"{role}_proof"]), f"proof of the {role}")
for one in auth["tls"]:
    binding = octets(one["server_certificate"]) + octets(one["client_certificate"])
    th = transcript_hash(octets(auth["host_hello"]), octets(auth["plugin_hello"]) + binding)
    hold(th == octets(one["th"]), "th under TLS")
    for role in ("host", "plugin"):
        hold(proof(octets(auth["secret"]), role, th) == octets(one[f"{role}_proof"]), f"proof of the {role} under TLS")

for one in vectors("hellos.json")["hellos"]:
    hold(is_same_hello(one["hex"], one["reads"]), one["name"])

calls = vectors("calls.json")
for one in calls["calls"] + calls["replies"] + calls["control"]:
    hold(encode(decode(octets(one["hex"]))) == octets(one["hex"]), one["name"])

for session in vectors("sessions.json")["sessions"]:
    readers = {"host": Frames(), "plugin": Frames()}
    for step in session["steps"]:
        if "hex" in step:
            met = [names[kind] for kind, _, _, _ in readers[step["from"]].push(octets(step["hex"]))]
            hold(step["what"].split()[0].strip(",") in met + ["preface"], f"{session['name']}: {step['what']}")

print(f"{count} vectors hold")
