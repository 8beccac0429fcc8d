/** The plugin's side. @module */
export { serve } from "./serve.ts";
export type { ServedVersions, ServeOptions } from "./serve_options.ts";
export { serveOver } from "./serve_over.ts";
