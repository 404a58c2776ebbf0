// Owns the part of a WebSocket that an adapter uses (types only), so that a test or TLS of our own can give another.

/** The part of the standard WebSocket that is used. */
export type Socket = {
  addEventListener(type: 'open' | 'close' | 'error' | 'message', listener: (event: { data?: unknown }) => void): void;
  send(text: string): void;
  close(): void;
};
export type SocketConstructor = new (url: string) => Socket;
