/** The first frames of a session: hello and proof. @module */
export { Greeting } from "./greeting.ts";
export type { Hello, MethodNotes, OfferedContract } from "./hello.ts";
export { type Identity, packageVersion, processIdentity, software } from "./identity.ts";
export { makeHello } from "./make_hello.ts";
export { offerAt, offerByVersion, offerOf } from "./offer.ts";
