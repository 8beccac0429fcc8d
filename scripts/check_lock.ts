// Fails when package-lock.json names a registry, or lacks what npm ci wants to find in it.
import { checkLock, type LockEntry } from "./lib/lock_rules.ts";
import { reportProblems } from "./lib/problems.ts";
import { readJson } from "./lib/repository.ts";

reportProblems("package-lock.json", checkLock(readJson("package-lock.json").packages as Record<string, LockEntry>));
