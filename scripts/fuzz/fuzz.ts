// node scripts/fuzz/fuzz.ts [--target decoder|sessions|schedules|all] [--seed N] [--seconds S]
// Goes on where the tests stop: random byte strings, changed sessions, random schedules, for as long as told. The
// first seed that breaks a rule ends the campaign with exit code 1; the seed alone repeats it.
import { parseArgs } from "node:util";
import { fuzzSessions } from "../../tests/support/mux_mutations.ts";
import { emptyTally, Schedule } from "../../tests/support/mux_schedule.ts";
import { fuzzDecoder } from "../../tests/support/wire_fuzz.ts";

const { values } = parseArgs({
  options: {
    target: { type: "string", default: "all" },
    seed: { type: "string", default: "1000000" },
    seconds: { type: "string", default: "60" },
    help: { type: "boolean", default: false },
  },
});

/** Runs `count` seeds from `seed` on. @throws What broke a rule, with its seed. */
type Campaign = (seed: number, count: number) => void;

const campaigns: Record<string, readonly [Campaign, batch: number]> = {
  decoder: [fuzzDecoder, 10_000],
  sessions: [fuzzSessions, 100],
  schedules: [
    (seed, count) => {
      for (let at = seed; at < seed + count; at++) {
        try {
          new Schedule(at, emptyTally()).run();
        } catch (error) {
          throw new Error(`seed ${at}`, { cause: error });
        }
      }
    },
    50,
  ],
};

const names = values.target === "all" ? Object.keys(campaigns) : [values.target];
const unknown = names.find((name) => campaigns[name] === undefined);
if (values.help || unknown !== undefined) {
  console.log("node scripts/fuzz/fuzz.ts [--target decoder|sessions|schedules|all] [--seed N] [--seconds S]");
  process.exit(values.help ? 0 : 2);
}

for (const name of names) {
  const [run, batch] = campaigns[name]!;
  const untilMs = performance.now() + (Number(values.seconds) * 1_000) / names.length;
  let seed = Number(values.seed);
  try {
    for (; performance.now() < untilMs; seed += batch) run(seed, batch);
  } catch (error) {
    console.error(`${name} failed`, error);
    process.exit(1);
  }
  console.log(`${name}: seeds ${values.seed} to ${seed - 1} kept every rule`);
}
