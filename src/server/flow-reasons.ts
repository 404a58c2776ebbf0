// Owns why a flat call's answer is not simply yes, beside the reasons a handoff settles with and the registry's refusals.

export const FLOW_REASONS = [
  'manifest-unreadable',
  'still-preparing',
  'attributes-unreadable',
  'kept-for-the-next-handoff',
  'reservation-not-recognised',
  'still-looking',
  'journal-unavailable',
  'no-target',
  'already-on-the-way',
] as const;
export type FlowReason = (typeof FLOW_REASONS)[number];
