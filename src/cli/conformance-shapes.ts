// Owns what the conformance suite needs of the gateway contract: its schemas, and the judge of its events. They are handed in by the
// composition root: this room knows no platform, and the suite judges with the very code that the service reads with.

type Shape<Value> = {
  safeParse(
    input: unknown,
  ):
    | { readonly success: true; readonly data: Value }
    | { readonly success: false; readonly error: { readonly issues: readonly Issue[] } };
};
type Issue = { readonly path: readonly PropertyKey[]; readonly message: string };

export type Party = {
  readonly id: string;
  readonly role: string;
  readonly state: string;
  readonly queueId?: string | undefined;
  readonly agentId?: string | undefined;
};
export type Transfer = {
  readonly id: string;
  readonly transferType: string;
  readonly state: string;
  readonly queueId?: string | undefined;
  readonly issuedAt: string;
};
export type Standing = {
  readonly state: string;
  readonly parties: readonly Party[];
  readonly transfers: readonly Transfer[];
};
export type Context = {
  readonly canonicalInteractionId?: string | undefined;
  readonly attributes?: Readonly<Record<string, string>> | undefined;
  readonly dtmfSequence?: readonly string[] | undefined;
};
export type Interaction = Standing & { readonly id: string; readonly context?: Context | undefined };
export type InteractionEvent = Standing & {
  readonly event: string;
  readonly id: string;
  readonly interactionId: string;
  readonly canonicalInteractionId?: string | undefined;
  readonly reservationId?: string | undefined;
};
export type Capabilities = {
  readonly reservation: string;
  readonly commit: readonly string[];
  readonly settleMs: number;
  readonly attributes: { readonly valueBytes: number; readonly count: number };
  readonly presence: boolean;
  readonly sandbox: boolean;
};

/** By the names of the published document. */
export type Shapes = {
  readonly Health: Shape<unknown>;
  readonly Problem: Shape<{ readonly status: number; readonly code: string }>;
  readonly Capabilities: Shape<Capabilities>;
  readonly QueueList: Shape<{
    readonly entities: readonly {
      readonly id: string;
      readonly name: string;
      readonly staffed?: boolean | undefined;
    }[];
  }>;
  readonly Agent: Shape<{ readonly availability: string; readonly presence?: { readonly id: string } | undefined }>;
  readonly Reservation: Shape<{
    readonly reservationId: string;
    readonly validUntil: string;
    readonly address?: string | undefined;
  }>;
  readonly TransferAccepted: Shape<{ readonly transferId: string }>;
  readonly Interaction: Shape<Interaction>;
  readonly InteractionEvent: Shape<InteractionEvent>;
  readonly SandboxInteraction: Shape<{ readonly interactionId: string }>;
};
/** How a delivery is judged: as our own hook judges it. */
export type EventJudge = {
  /** Whether our hook would take this text for a secret. */
  isSecret(secret: string): boolean;
  /** Whether our hook would take a delivery that is signed with it. */
  verifier(secret: string): (headers: { get(name: string): string | null | undefined }, rawBody: Uint8Array) => boolean;
};

export type ShapeName = keyof Shapes;
export type Shaped<Name extends ShapeName> = Shapes[Name] extends Shape<infer Value> ? Value : never;

/** What is wrong with it in one line, or undefined. */
export function misfit(shapes: Shapes, name: ShapeName, value: unknown): string | undefined {
  const read = shapes[name].safeParse(value);
  if (read.success) return undefined;
  const [issue] = read.error.issues;
  return `${issue?.path.map(String).join('.') || 'the body'}: ${issue?.message ?? 'does not fit'}`;
}
