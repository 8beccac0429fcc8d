import { serve } from "@plugwire/plugwire";
import { geometry, text } from "./contracts.ts";

await serve(
  geometry.implement({
    area: ({ width, height }) => width * height,
    scale: ({ width, height }, factor) => ({ width: width * factor, height: height * factor }),
  }),
  text.implement({ upper: (given) => given.toUpperCase() }),
);
