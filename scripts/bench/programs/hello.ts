// The floor of a start: a program of the same kind of file that prints a line and stays until it is ended.
process.stdout.write("hello\n");
process.stdin.resume();
