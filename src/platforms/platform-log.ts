// Owns what an adapter tells its operator (types only): a stable word and one line, never a secret and nothing personal.

export type PlatformLog = (entry: {
  readonly level: 'info' | 'warn';
  readonly code: string;
  readonly detail: string;
}) => void;
