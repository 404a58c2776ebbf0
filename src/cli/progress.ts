// Owns the one line that says how far a long command is, on stderr so that stdout stays the answer. On a terminal it is
// rewritten in place; elsewhere a line is written only now and then.

type Sink = { readonly isTTY?: boolean | undefined; write(text: string): unknown };

export type Progress = Disposable & {
  show(line: string): void;
};

const PLAIN_EVERY_MS = 5_000;

/** Ends the line when it is disposed. `now` is in milliseconds and never goes back. */
export function progress(sink: Sink, now: () => number = () => performance.now()): Progress {
  let shown = '';
  let writtenAt = Number.NEGATIVE_INFINITY;
  return {
    show(line) {
      if (line === shown) return;
      if (sink.isTTY) sink.write(`\r\u001b[2K${line}`);
      else if (now() - writtenAt >= PLAIN_EVERY_MS) sink.write(`${line}\n`);
      else return;
      shown = line;
      writtenAt = now();
    },
    [Symbol.dispose]() {
      if (sink.isTTY && shown !== '') sink.write('\r\u001b[2K');
    },
  };
}
