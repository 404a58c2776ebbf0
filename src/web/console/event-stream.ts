// Owns the reading of Server-Sent Events (HTML Living Standard §9.2.6): from pieces of text to whole events.

export type StreamedEvent = { readonly id: string; readonly data: string };

export class EventStreamReader {
  #rest = '';
  #data: string[] = [];
  /** The standard keeps the last id until another comes. */
  #id = '';

  /** Takes the next piece, wherever it was cut; gives the events that are whole with it. */
  push(piece: string): readonly StreamedEvent[] {
    const lines = (this.#rest + piece).split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? '';
    const events: StreamedEvent[] = [];
    for (const line of lines) {
      if (line === '') events.push(...this.#whole());
      else this.#take(line);
    }
    return events;
  }

  #take(line: string): void {
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'data') this.#data.push(value);
    if (field === 'id') this.#id = value;
  }

  #whole(): readonly StreamedEvent[] {
    if (this.#data.length === 0) return [];
    const event = { id: this.#id, data: this.#data.join('\n') };
    this.#data = [];
    return [event];
  }
}
