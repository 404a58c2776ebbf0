// Owns the page's calls to the service, and what each answer means for the customer. The link's token is told to nobody else.

const TIMEOUT_MS = 10_000;

export type FileRules = { readonly largestBytes: number; readonly types: readonly string[] };
export type Help = { readonly fresh: boolean; readonly phone?: string };

export type Entry =
  | { readonly kind: 'open'; readonly files: FileRules | null }
  /** `code`: which help is shown. */
  | { readonly kind: 'help'; readonly code: string; readonly help: Help }
  | { readonly kind: 'unreachable' };

export type Asked =
  | { readonly token: string; readonly device: string; readonly move: boolean }
  | { readonly fresh: true; readonly device: string };

export function enter(asked: Asked): Promise<Entry> {
  const body = JSON.stringify(asked);
  return entry({ method: 'POST', headers: { 'content-type': 'application/json' }, body });
}

/** The session that this browser has. */
export function comeBack(): Promise<Entry> {
  return entry({ method: 'GET' });
}

async function entry(how: RequestInit): Promise<Entry> {
  const answer = await fetch('/c/session', { ...limits(), ...how }).catch(() => null);
  if (!answer || answer.status >= 500) return { kind: 'unreachable' };
  const said = (await answer.json().catch(() => ({}))) as Partial<Said>;
  if (answer.ok) return { kind: 'open', files: said.files ?? null };
  const help = { fresh: said.help?.fresh ?? true, ...(said.help?.phone !== undefined && { phone: said.help.phone }) };
  const code = answer.status === 429 ? 'too-many' : (said.code ?? 'claim-unknown');
  return { kind: 'help', code, help };
}

type Said = { readonly files: FileRules | null; readonly code: string; readonly help: Help };

export type Sent = { readonly ref: string } | { readonly refused: 'fileTooLarge' | 'fileType' | 'fileRefused' };

export async function sendFile(file: File): Promise<Sent> {
  const answer = await fetch(`/c/files?${new URLSearchParams({ name: file.name })}`, {
    ...limits(60_000),
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream' },
    body: file,
  }).catch(() => null);
  if (answer?.ok) return (await answer.json()) as { readonly ref: string };
  if (answer?.status === 413) return { refused: 'fileTooLarge' };
  return { refused: answer?.status === 415 ? 'fileType' : 'fileRefused' };
}

function limits(timeoutMs = TIMEOUT_MS): RequestInit {
  return { credentials: 'same-origin', cache: 'no-store', signal: AbortSignal.timeout(timeoutMs) };
}
