"""Reads the vectors of values with cbor2, which knows nothing of this protocol: each is one item of RFC 8949, and no byte more."""

import io
import json
import pathlib
import sys

import cbor2

vectors = json.loads((pathlib.Path(__file__).parent.parent / "vectors" / "values.json").read_text())
count = 0
for one in vectors["values"] + vectors["accepted"]:
    octets = bytes.fromhex(one["hex"].replace(" ", ""))
    stream = io.BytesIO(octets)
    try:
        cbor2.CBORDecoder(stream).decode()
    except cbor2.CBORDecodeError as error:
        # Well-formed, and of a value that Python has no room for, such as a year past 9999.
        if not isinstance(error.__cause__, (ValueError, OverflowError, TypeError)):
            sys.exit(f"does not hold: {one['name']}: {error}")
        print(f"no value of Python: {one['name']}: {error.__cause__}")
        continue
    if stream.tell() != len(octets):
        sys.exit(f"does not hold: {one['name']}: {len(octets) - stream.tell()} bytes are left")
    count += 1
print(f"{count} vectors hold")
