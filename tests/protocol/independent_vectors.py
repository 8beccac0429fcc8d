#!/usr/bin/env python3
"""Holds tests/vectors/*.json against independent_plugin.py, which was written from docs/PROTOCOL.md alone."""

import json
import os
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


values = vectors("values.json")
for one in values["values"]:
    hold(encode(decode(octets(one["hex"]))) == octets(one["hex"]), one["name"])
for one in values["accepted"]:
    decode(octets(one["hex"]))
    hold(True, one["name"])
for one in values["malformed"]:
    hold(is_malformed(octets(one["hex"]), one["at"]), one["name"])

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
