import assert from "node:assert/strict";
import { test } from "node:test";
import { Crowding } from "../../src/mux/_crowding.ts";
import { SimulatedClock } from "../support/mux_simulator.ts";

function crowding(): { clock: SimulatedClock; made: Crowding; full: { is: boolean }; told: number[] } {
  const clock = new SimulatedClock();
  const full = { is: true };
  const told: number[] = [];
  const made = new Crowding(
    clock.scheduler(),
    () => full.is,
    () => told.push(clock.nowMs),
  );
  return { clock, made, full, told };
}

test("a session in which no place comes free is crowded after a second, which is told once", () => {
  const { clock, made, told } = crowding();
  for (let ms = 0; ms < 5_000; ms += 100) clock.at(ms, () => made.waits());
  clock.runAll();
  assert.deepEqual(told, [1_000]);
});

test("it is told again once places came free and then no more", () => {
  const { clock, made, told } = crowding();
  made.waits();
  clock.at(1_500, () => made.moved());
  clock.at(1_600, () => made.waits());
  clock.runAll();
  assert.deepEqual(told, [1_000, 2_600]);
});

test("a session whose places come free is not crowded, however many wait", () => {
  const { clock, made, full, told } = crowding();
  made.waits();
  for (let ms = 300; ms <= 4_200; ms += 300) clock.at(ms, () => made.moved());
  clock.at(4_300, () => {
    full.is = false;
  });
  clock.runAll();
  assert.deepEqual(told, []);
});

test("the end of the session ends the watch", () => {
  const { clock, made, told } = crowding();
  made.waits();
  made.end();
  made.waits();
  clock.runAll();
  assert.deepEqual(told, []);
});
