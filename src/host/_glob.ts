import { shownValue } from "../errors/check_options.ts";

/** What one part of a pattern, between two slashes, says of a name. */
export type NamePattern = (name: string) => boolean;

const special: ReadonlySet<string> = new Set("\\^$.|+()[]{}*?");

/**
 * Reads a pattern of file names: `*` is any characters, `?` one, `[a-z]` and `[!a-z]` one of a set, `{a,b}` one of several, `\`
 * takes the next character as it is, and `/` stands between directories. A name that begins with a dot is only found by a
 * pattern that does.
 *
 * @returns A test for each part of the path.
 * @throws TypeError for a pattern that is no text, is empty, begins with a slash, leads out of its directory, goes through
 * directories of any depth (`**`), or has a bracket or brace that is not closed.
 */
export function readGlob(pattern: string): readonly NamePattern[] {
  if (typeof pattern !== "string") throw new TypeError(`a pattern must be a string, not ${shownValue(pattern)}`);
  return splitParts(pattern).map((part) => {
    if (part === "" || part === "." || part === "..") {
      throw refused(pattern, "it must be the path of files within the directory, such as *.js or */plugin.js");
    }
    if (part.includes("**")) throw refused(pattern, "** is not understood; write a part for each level, as in */*.js");
    const source = partSource(part, pattern);
    const expression = new RegExp(`^${source}$`, "su");
    const seesHidden = part.startsWith(".") || part.startsWith("\\.");
    return (name) => (seesHidden || !name.startsWith(".")) && expression.test(name);
  });
}

/** At slashes, but for those in a set. */
function splitParts(pattern: string): string[] {
  if (/\{[^}]*\//.test(pattern)) throw refused(pattern, "what is in braces must not have a slash");
  return pattern.split("/");
}

function partSource(part: string, pattern: string): string {
  const characters = [...part];
  let source = "";
  let braces = 0;
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at]!;
    if (character === "*") source += ".*";
    else if (character === "?") source += ".";
    else if (character === "\\") {
      const next = characters[++at];
      if (next === undefined) throw refused(pattern, "there is nothing behind its last backslash");
      source += literal(next);
    } else if (character === "[") {
      const end = endOfSet(characters, at);
      if (end < 0) throw refused(pattern, 'its "[" is not closed; a bracket itself is \\[');
      source += setSource(characters.slice(at + 1, end), pattern);
      at = end;
    } else if (character === "{") {
      braces++;
      source += "(?:";
    } else if (character === "}" && braces > 0) {
      braces--;
      source += ")";
    } else if (character === "," && braces > 0) source += "|";
    else source += literal(character);
  }
  if (braces > 0) throw refused(pattern, 'its "{" is not closed; a brace itself is \\{');
  return source;
}

/** Where a set ends: a bracket that comes first in it is one of the set. */
function endOfSet(characters: readonly string[], start: number): number {
  const first = characters[start + 1] === "!" || characters[start + 1] === "^" ? start + 2 : start + 1;
  return characters.indexOf("]", first + 1);
}

function setSource(inside: readonly string[], pattern: string): string {
  const isNegated = inside[0] === "!" || inside[0] === "^";
  const members = (isNegated ? inside.slice(1) : inside)
    .map((one) => (one === "-" ? one : `\\u{${hexOf(one)}}`))
    .join("");
  try {
    const source = `[${isNegated ? "^" : ""}${members}]`;
    new RegExp(source, "u");
    return source;
  } catch {
    throw refused(pattern, "a range in its brackets is the wrong way round");
  }
}

function hexOf(character: string): string {
  return character.codePointAt(0)!.toString(16);
}

function literal(character: string): string {
  return special.has(character) ? `\\${character}` : character;
}

function refused(pattern: string, why: string): TypeError {
  return new TypeError(`cannot look for ${JSON.stringify(pattern)}: ${why}`);
}
