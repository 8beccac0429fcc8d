const escapeCharacter = String.fromCharCode(27);

/** Sequences that set colours and weight. */
const colours = new RegExp(`${escapeCharacter}\\[[\\d;:]*m`, "g");

/** Control characters, line separators, halves of surrogate pairs, and what turns the direction of writing. */
const unsafe = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;
const everyUnsafe = new RegExp(unsafe.source, "gu");

/** What JSON leaves as it is and a terminal would obey or hide. */
const obeyed = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/**
 * Writes out every control, format and separator character in a text of JSON, where it can stand in strings alone, as
 * JSON does: `\u202e`, and two of those for a character beyond U+FFFF.
 */
export function escapeUnits(json: string): string {
  return json.replace(obeyed, (character) => {
    return Array.from({ length: character.length }, (_, index) => {
      return `\\u${character.charCodeAt(index).toString(16).padStart(4, "0")}`;
    }).join("");
  });
}

/** Takes out sequences that set colours: Deno writes them even into a pipe, and they do no harm but noise. */
export function withoutColours(text: string): string {
  return text.includes(escapeCharacter) ? text.replace(colours, "") : text;
}

/**
 * Makes text from a stranger safe for a terminal: colours are taken out, and every other character that can move
 * the cursor, change the terminal or hide text is written out, such as `\x1b`. Tabs stay.
 */
export function visible(text: string): string {
  if (!unsafe.test(text)) return text;
  return withoutColours(text).replace(everyUnsafe, (character) => {
    if (character === "\t") return character;
    if (character === "\n") return "\\n";
    if (character === "\r") return "\\r";
    const code = character.charCodeAt(0);
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`;
  });
}
