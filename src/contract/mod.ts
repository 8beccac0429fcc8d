/** Contracts: names, methods, schemas, and the two views of an interface. @module */
export type { CallPlace } from "./_complaints.ts";
export type { AnyFunction, IsReference, Leaf } from "./_kinds.ts";
export type { Adaptation, ChangedMethods } from "./adapt.ts";
export { callback } from "./callback.ts";
export { checkArguments, checkResult } from "./check.ts";
export { checkDeclaredError } from "./check_declared_error.ts";
export { checkItem, type StreamPlace } from "./check_item.ts";
export { compareContracts, type OfferedMethods } from "./compare.ts";
export {
  type Contract,
  type ContractFacts,
  type ContractOptions,
  checkContract,
  contract,
  factsOf,
  methodsOf,
  type Peer,
} from "./contract.ts";
export { DeclaredError, type DeclaredErrors, declaredError, isDeclaredError } from "./declared_error.ts";
export { type ImplementedMethod, implementedMethods, methodNames } from "./implementation.ts";
export {
  type CallerOf,
  type ImplementerOf,
  type Method,
  type MethodOptions,
  type Methods,
  type MethodsFor,
  method,
} from "./method.ts";
export type { NewerMethods } from "./newer_methods.ts";
export { optional } from "./optional.ts";
export { referenceTo } from "./reference_to.ts";
export type {
  Held,
  Implementation,
  Received,
  Remote,
  RemoteIterator,
  RemoteMethod,
  RemoteResult,
  Sent,
} from "./remote.ts";
export { type Instance, type Served, type ServedParts, servedParts } from "./served.ts";
export { type Shape, shapeOf } from "./shape.ts";
export { maxSignature, signatureOf, signaturesOf } from "./signature.ts";
export type { InferInput, InferOutput, SchemaResult, StandardSchema } from "./standard_schema.ts";
export { bytes, stream } from "./stream.ts";
export type { ImplementationOf, ProxyOf } from "./types_of.ts";
