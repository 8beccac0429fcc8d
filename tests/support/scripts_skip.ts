/** The `skip` of tests of `scripts/`, which only ever run on Node: a reason elsewhere, `false` on Node. */
export const scriptsSkip: string | false =
  "Deno" in globalThis || "Bun" in globalThis ? "scripts/ runs on Node only" : false;
