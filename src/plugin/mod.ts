/** The plugin's side. @module */
export type { ListenOptions } from "./listen_options.ts";
export { serve } from "./serve.ts";
export type { ServedVersions, ServeOptions } from "./serve_options.ts";
export { serveOver } from "./serve_over.ts";
