/** What a signature says of one argument. */
export interface Parameter {
  /** Its type: `string`, `bytes`, `callback(number) => void`. */
  readonly text: string;
  readonly isOptional: boolean;
}

/** Takes the arguments of a signature apart: `(string, bytes?) => void`. Of one that was cut, as far as it goes. */
export function parametersOf(signature: string): readonly Parameter[] {
  const parameters: Parameter[] = [];
  let [start, depth] = [1, 0];
  for (let at = 0; at < signature.length; at++) {
    const char = signature[at]!;
    if (char === '"') {
      at = endOfString(signature, at);
      continue;
    }
    const isEnd = char === ")" && depth === 1;
    if (isEnd || (char === "," && depth === 1)) {
      const text = signature.slice(start, at).trim();
      if (text !== "") parameters.push(parameter(text));
      if (isEnd) break;
      start = at + 1;
    } else if ("({[<".includes(char)) depth++;
    else if (")}]".includes(char) || (char === ">" && signature[at - 1] !== "=")) depth--;
  }
  return parameters;
}

function parameter(text: string): Parameter {
  const isOptional = text.endsWith("?");
  return { text: isOptional ? text.slice(0, -1) : text, isOptional };
}

function endOfString(text: string, from: number): number {
  let at = from + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
  return at;
}
