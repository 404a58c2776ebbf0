// Owns one request to a twin and its answer, apart from any socket: the same twin serves a port, and a simulation in one
// process.

export type TwinRequest = {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Parsed JSON or form fields; the text itself when it is neither; undefined when there is none. */
  readonly body: unknown;
  /** Whether the peer is this machine: only such a peer may use the control surface. */
  readonly loopback: boolean;
};

export type TwinResponse = {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; undefined sends an empty body. */
  readonly body?: unknown;
  /** A page instead, for the few paths that people see. */
  readonly html?: string;
};

/** What goes over the wire: the text and the type that belongs to it. */
export function wireBody({ body, html }: TwinResponse): { readonly text: string; readonly type: string } {
  if (html !== undefined) return { text: html, type: 'text/html; charset=utf-8' };
  return { text: body === undefined ? '' : JSON.stringify(body), type: 'application/json' };
}

export type TwinAnswer =
  | { readonly kind: 'respond'; readonly response: TwinResponse }
  /** The effect is done and the connection is cut before the answer. */
  | { readonly kind: 'drop' }
  /** The request was read and nothing is ever said. */
  | { readonly kind: 'hang' };

export type Answering = (request: TwinRequest) => Promise<TwinAnswer>;

/** A body as the twins see it: JSON parsed whatever its type says (`curl -d` calls all a form), else form fields, else text. */
export function parseBody(contentType: string | undefined, text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    const form = contentType?.startsWith('application/x-www-form-urlencoded') === true;
    return form ? Object.fromEntries(new URLSearchParams(text)) : text;
  }
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
