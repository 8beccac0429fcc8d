/** Key of a property that exists only for the type checker: it keeps the types that a contract or method was made for. */
export declare const types: unique symbol;

declare const declared: unique symbol;
/** A function that a method declares as its result by `callback()`. */
export type DeclaredFunction<F> = F & { readonly [declared]: true };
