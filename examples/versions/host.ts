import { launch, PluginError } from "@plugwire/plugwire";
import { notesV1, notesV2 } from "./contracts.ts";

const entry = new URL("./plugin.ts", import.meta.url);

{
  await using plugin = await launch(entry, { versions: { 1: { notes: notesV1 } } });
  const notes = plugin.dispense(plugin.contracts.notes);
  await notes.add("buy milk");
  console.log(`an old host speaks version ${plugin.version}:`, (await notes.list()).join(", "));
}

{
  await using plugin = await launch(entry, { versions: { 1: { notes: notesV1 }, 2: { notes: notesV2 } } });
  if (plugin.version === 2) {
    const notes = plugin.dispense(plugin.contracts.notes);
    await notes.add("buy milk", ["shop"]);
    const count = await notes.add("call Ada", ["people"]);
    console.log(
      `a new host speaks version ${plugin.version}: ${count} notes, to shop:`,
      (await notes.tagged("shop")).join(", "),
    );
  } else {
    // An old plugin: the same contract without tags.
    await plugin.dispense(plugin.contracts.notes).add("buy milk");
  }
}

try {
  await launch(entry, { versions: { 3: {} } });
} catch (error) {
  if (!(error instanceof PluginError)) throw error;
  console.log(`${error.code}: ${error.message}`);
}
