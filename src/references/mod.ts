/** Lifetimes of what crosses by reference: who holds what, and when it may be forgotten. @module */
export { Export, ExportTable } from "./export_table.ts";
export { Import, type ImportEnd, type ImportHandler, ImportTable } from "./import_table.ts";
export { IncomingReferences } from "./incoming_references.ts";
export { OutgoingReferences, type ReferenceTables } from "./outgoing_references.ts";
