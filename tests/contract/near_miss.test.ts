import assert from "node:assert/strict";
import { test } from "node:test";
import { editDistance, hint, nearest } from "../../src/errors/near_miss.ts";

const distances: readonly [from: string, to: string, distance: number][] = [
  ["", "", 0],
  ["", "abc", 3],
  ["greet", "greet", 0],
  ["gret", "greet", 1],
  ["greeet", "greet", 1],
  ["grete", "greet", 1],
  ["kitten", "sitting", 3],
  ["ca", "abc", 3],
];

for (const [from, to, distance] of distances) {
  test(`from "${from}" to "${to}" it is ${distance}, and the same back`, () => {
    assert.equal(editDistance(from, to), distance);
    assert.equal(editDistance(to, from), distance);
  });
}

test("the nearest name is found, upper and lower case apart", () => {
  assert.equal(nearest("gret", ["shout", "greet", "greeting"]), "greet");
  assert.equal(nearest("readfile", ["writeFile", "readFile"]), "readFile");
  assert.equal(nearest("ab", ["ba"]), "ba");
});

test("what is too far is not guessed", () => {
  assert.equal(nearest("delete", ["greet", "shout"]), undefined);
  assert.equal(nearest("x", []), undefined);
});

test("the hint names the nearest, or else what there is", () => {
  assert.equal(hint("gret", ["greet"]), '; did you mean "greet"?');
  assert.equal(hint("delete", ["greet", "shout"]), '; there is "greet", "shout"');
  assert.equal(hint("delete", []), "; there is none");
  const many = Array.from({ length: 10 }, (_, i) => `method${i}`);
  assert.match(hint("delete", many), /"method7" and 2 more$/);
});
