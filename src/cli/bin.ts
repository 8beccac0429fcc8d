#!/usr/bin/env node
// What npm starts. Kept to syntax and imports that an old Node can read, so that it can say what it needs.
import { endTooOld, tooOldNode } from "../runtime/too_old.ts";

const tooOld = tooOldNode();
if (tooOld === "") import("./mod.ts").then((command) => command.main());
else endTooOld(`plugwire: ${tooOld}`, 3);
