import assert from "node:assert/strict";
import { it } from "node:test";
import { StdoutLine } from "../../src/host/_stdout_line.ts";
import type { Link } from "../../src/transport/mod.ts";

it("a session over stdio is told when the system has taken its bytes", () => {
  let hasTaken = false;
  const stdio: Link = {
    name: "stdio",
    start: () => {},
    write: () => true,
    get hasTaken() {
      return hasTaken;
    },
    end: () => {},
    destroy: () => {},
    pause: () => {},
    resume: () => {},
  };
  const link = new StdoutLine(
    stdio,
    () => {},
    () => {},
  ).asLink("stdio of tested");
  assert.equal(link.hasTaken, false);
  hasTaken = true;
  assert.equal(link.hasTaken, true);
});
