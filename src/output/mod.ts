/** A plugin's output: by pipes and by files, to the log and to sinks. @module */
export { LastingOutput, StdoutFile } from "./lasting_output.ts";
export { type LogOption, logSinkFrom } from "./log_sink.ts";
export { OutputFiles, outputPrefix } from "./output_files.ts";
export type { OutputSink } from "./output_sink.ts";
export { lastWordsMs, PluginOutput } from "./plugin_output.ts";
export { messageWithoutStderr, stderrEnd } from "./stderr_end.ts";
export { StdoutLine } from "./stdout_line.ts";
