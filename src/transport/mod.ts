/** What a session runs over: links, and Web Streams on both of their sides. @module */
export type { Duplex } from "./duplex.ts";
export { duplexFromLink } from "./duplex_from_link.ts";
export { type Link, type LinkHandler, writeBufferBytes } from "./link.ts";
export { linkFromDuplex } from "./link_from_duplex.ts";
export { linkFromPort, type Port } from "./link_from_port.ts";
export { memoryLinks } from "./memory.ts";
