import { describe, expect, it } from 'vitest';
import { progress } from './progress.ts';

function sink(isTTY: boolean) {
  const written: string[] = [];
  return { isTTY, written, write: (text: string) => written.push(text) };
}

describe('progress', () => {
  it('rewrites one line on a terminal, and takes it away in the end', () => {
    const terminal = sink(true);
    {
      using line = progress(terminal, () => 0);
      line.show('1 of 2');
      line.show('1 of 2');
      line.show('2 of 2');
    }
    expect(terminal.written).toEqual(['\r\u001b[2K1 of 2', '\r\u001b[2K2 of 2', '\r\u001b[2K']);
  });

  it('writes plain lines now and then elsewhere', () => {
    const file = sink(false);
    let now = 0;
    {
      using line = progress(file, () => now);
      line.show('1 of 3');
      line.show('2 of 3');
      now = 5_000;
      line.show('3 of 3');
    }
    expect(file.written).toEqual(['1 of 3\n', '3 of 3\n']);
  });
});
