/** The frames of a session as they pass, by name: never what they carry. @module */
export { type TraceDirection, type TraceEvent, traceText } from "./trace_event.ts";
export { type TraceOption, traceLink } from "./trace_link.ts";
