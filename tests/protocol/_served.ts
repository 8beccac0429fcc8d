import { contract, serve } from "../../mod.ts";

await serve(contract<{ greet(name: string): string }>("greeter").implement({ greet: (name) => `Hello, ${name}!` }));
