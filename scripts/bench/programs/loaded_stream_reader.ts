// The other side of the byte stream in a process that has all of the library loaded, as a plugin has: on Node the size of
// its heap decides what the collection of read buffers costs, and with that half of the speed. Argument: PATH.
import "./streams.ts";
import "./stream_reader.ts";
