// Owns the guides' own examples, word for word, for whoever holds the code to them.

/** Seed 004 §1's manifest. */
export const SEED_MANIFEST = {
  trigger: 'CustomerRequested',
  trigger_utterance: 'I just want to talk to a real person, this is ridiculous.',
  bot_confidence_at_exit: 0.42,
  session_duration_seconds: 187,
  intents_detected: [
    { intent: 'BillingInquiry', confidence: 0.91, resolved: false },
    { intent: 'DisputeCharge', confidence: 0.78, resolved: false },
  ],
  slots_collected: { account_number: 'ACC-987654', disputed_amount: '$47.99', dispute_date: '2026-05-10' },
  sentiment_trend: 'NEGATIVE_ESCALATING',
  recommended_queue: 'BillingDisputes_Tier2',
  agent_briefing:
    'Customer wants to dispute a $47.99 charge from May 10. Bot was unable to locate the transaction in the system. ' +
    'Customer became frustrated after 3 failed searches. Recommend empathy-first approach.',
};

/** Seed 002 §1's own payload. */
export const SEED_INTERACTION = {
  canonicalInteractionId: 'int-8f3a9c2d-7b4e-4a1f-9c3d-2e8f7a6b5c4d',
  sourcePlatform: 'genesys_cloud',
  destinationPlatform: 'nice_cxone',
  timestamp: '2024-05-14T08:32:11Z',
  mediaType: 'voice',
  direction: 'inbound',
  customer: { phone: '+14155551234', segment: 'enterprise', piiMasked: true },
  context: {
    accountNumber: 'ACC-992837',
    previousQueue: 'billing_specialists',
    holdDurationSec: 42,
    dtmfSequence: ['1', '3', '0'],
    complianceFlags: ['pci_dss', 'hipaa'],
  },
  transfer: { initiatedBy: 'agent', targetAgentId: 'nice-usr-4492', transferType: 'consultative' },
};
