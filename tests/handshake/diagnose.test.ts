import assert from "node:assert/strict";
import { open } from "node:fs/promises";
import { describe, it } from "node:test";
import { architectureMismatch, describeExecutable, executableHeadBytes } from "../../src/handshake/mod.ts";

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

function elf(machine: number, { abi = 0, littleEndian = true } = {}): Uint8Array {
  const head = new Uint8Array(64);
  head.set([0x7f, 0x45, 0x4c, 0x46, 2, littleEndian ? 1 : 2, 1, abi]);
  new DataView(head.buffer).setUint16(18, machine, littleEndian);
  return head;
}

function machO(cpu: number): Uint8Array {
  const head = new Uint8Array(32);
  head.set([0xcf, 0xfa, 0xed, 0xfe]);
  new DataView(head.buffer).setUint32(4, cpu, true);
  return head;
}

function universal(...cpus: number[]): Uint8Array {
  const head = new Uint8Array(8 + cpus.length * 20);
  const view = new DataView(head.buffer);
  view.setUint32(0, 0xcafebabe);
  view.setUint32(4, cpus.length);
  for (const [index, cpu] of cpus.entries()) view.setUint32(8 + index * 20, cpu);
  return head;
}

function pe(machine: number): Uint8Array {
  const head = new Uint8Array(256);
  head.set([0x4d, 0x5a]);
  const view = new DataView(head.buffer);
  view.setUint32(0x3c, 0x80, true);
  head.set([0x50, 0x45, 0, 0], 0x80);
  view.setUint16(0x84, machine, true);
  return head;
}

describe("describeExecutable", () => {
  const java = Uint8Array.of(0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 65, 0, 0);
  const table: readonly (readonly [name: string, head: Uint8Array, kind: string, words: string])[] = [
    ["ELF x64", elf(62), "elf", "an ELF program for linux/x64"],
    ["ELF arm64", elf(183), "elf", "an ELF program for linux/arm64"],
    ["ELF s390x, big-endian", elf(22, { littleEndian: false }), "elf", "an ELF program for linux/s390x"],
    ["ELF of FreeBSD", elf(62, { abi: 9 }), "elf", "an ELF program for freebsd/x64"],
    ["ELF of a machine unknown", elf(999), "elf", "an ELF program for linux/machine 999"],
    ["ELF cut short", elf(62).subarray(0, 12), "elf", "an ELF program that is cut short"],
    ["Mach-O arm64", machO(0x0100000c), "mach_o", "a Mach-O program for darwin/arm64"],
    ["Mach-O x64", machO(0x01000007), "mach_o", "a Mach-O program for darwin/x64"],
    ["Mach-O of both", universal(0x01000007, 0x0100000c), "mach_o", "a Mach-O program for darwin/x64 and darwin/arm64"],
    ["a Java class", java, "unknown", "a file of unknown kind"],
    ["PE x64", pe(0x8664), "pe", "a Windows program for windows/x64"],
    ["PE arm64", pe(0xaa64), "pe", "a Windows program for windows/arm64"],
    ["PE cut short", pe(0x8664).subarray(0, 70), "pe", "a Windows program that is cut short"],
    ["a script", text("#!/usr/bin/env -S deno run -A\ncode"), "script", "a script for /usr/bin/env -S deno run -A"],
    ["a script with CR LF", text("#!/bin/sh\r\ncode"), "script", "CR LF"],
    ["a script without an interpreter", text("#!\n"), "script", "names no interpreter"],
    ["nothing", new Uint8Array(0), "empty", "an empty file"],
    ["JSON", text(' \n{"name": "x"}'), "json", "a JSON file, not a program"],
    ["text", text("hello\n"), "text", 'a text file without a "#!" line'],
    ["a zip archive", Uint8Array.of(0x50, 0x4b, 3, 4, 0), "unknown", "a zip archive"],
    ["WebAssembly", Uint8Array.of(0, 0x61, 0x73, 0x6d, 1), "unknown", "a WebAssembly module"],
    ["noise", Uint8Array.of(0, 1, 2, 3), "unknown", "a file of unknown kind"],
  ];
  for (const [name, head, kind, words] of table) {
    it(`knows ${name}`, () => {
      const description = describeExecutable(head, 0o755);
      assert.equal(description.kind, kind);
      assert.ok(description.words.includes(words), description.words);
    });
  }

  it("tells whether the mode allows to execute", () => {
    assert.equal(describeExecutable(elf(62), 0o644).executable, false);
    assert.equal(describeExecutable(elf(62), 0o700).executable, true);
    assert.equal(describeExecutable(elf(62), 0o001).executable, true);
  });

  it("never throws, whatever a file begins with and wherever it is cut", () => {
    for (const whole of [elf(62), machO(7), universal(7, 12), pe(0x14c), text("#!/bin/sh\n"), java]) {
      for (let length = 0; length <= whole.length; length++) {
        assert.ok(describeExecutable(whole.subarray(0, length), 0o755).words.length > 0);
      }
    }
  });

  it("knows the program that runs this test", async () => {
    const file = await open(process.execPath);
    const { buffer, bytesRead } = await file.read(new Uint8Array(executableHeadBytes), 0, executableHeadBytes, 0);
    await file.close();
    const head = buffer.subarray(0, bytesRead);
    const os = process.platform === "win32" ? "windows" : process.platform;
    assert.ok(describeExecutable(head, 0o755).platforms.includes(`${os}/${process.arch}`));
    assert.equal(architectureMismatch(head, os, process.arch), undefined);
  });
});

describe("architectureMismatch", () => {
  const table: readonly (readonly [head: Uint8Array, os: string, arch: string, words: string | undefined])[] = [
    [elf(183), "linux", "x64", "built for linux/arm64, this machine is linux/x64"],
    [elf(62), "linux", "arm64", "built for linux/x64, this machine is linux/arm64"],
    [elf(62), "darwin", "x64", "built for linux/x64, this machine is darwin/x64"],
    [machO(0x0100000c), "linux", "arm64", "built for darwin/arm64, this machine is linux/arm64"],
    [universal(7, 12), "darwin", "arm64", "built for darwin/ia32 and darwin/arm, this machine is darwin/arm64"],
    [pe(0x8664), "linux", "x64", "built for windows/x64, this machine is linux/x64"],
    [elf(62), "linux", "x64", undefined],
    [elf(62), "linux", "x86_64", undefined],
    [universal(0x01000007, 0x0100000c), "darwin", "arm64", undefined],
    [text("#!/bin/sh\n"), "linux", "x64", undefined],
    [new Uint8Array(0), "linux", "x64", undefined],
  ];
  for (const [head, os, arch, words] of table) {
    it(`on ${os}/${arch} says ${words ?? "nothing"}`, () => assert.equal(architectureMismatch(head, os, arch), words));
  }
});
