// Owns three dialogues in the Schema-Guided Dialogue format that nobody ever had: a short one whose manifest fits inline, a
// long one that travels by reference, and one that failed.

const user = (utterance: string, service: string, intent: string, slots: Record<string, string[]>) => ({
  speaker: 'USER',
  utterance,
  frames: [{ service, state: { active_intent: intent, requested_slots: [], slot_values: slots }, actions: [] }],
});
const system = (utterance: string, service: string, act: string) => ({
  speaker: 'SYSTEM',
  utterance,
  frames: [{ service, state: null, actions: [{ act, slot: '', values: [], canonical_values: [] }] }],
});

const dialogues = [
  {
    dialogue_id: 'made-up-1',
    services: ['Gardens_1'],
    turns: [user('Hi.', 'Gardens_1', 'NONE', {})],
  },
  {
    dialogue_id: 'made-up-2',
    services: ['Banks_9'],
    turns: [
      user('Move 20 pounds to my sister, please.', 'Banks_9', 'TransferMoney', {
        amount: ['20 pounds', 'twenty pounds'],
        recipient: ['my sister'],
      }),
      system('From which account?', 'Banks_9', 'REQUEST'),
      user('From the one that I use for the garden, not the one for the house.', 'Banks_9', 'TransferMoney', {
        amount: ['20 pounds', 'twenty pounds'],
        recipient: ['my sister'],
        account: ['the one that I use for the garden'],
      }),
      system('Done.', 'Banks_9', 'NOTIFY_SUCCESS'),
      user('And what is left in it? I would like a person to explain the fees as well.', 'Banks_9', 'CheckBalance', {
        account: ['the one that I use for the garden'],
        topic: ['fees — Gebühren – 手数料'],
      }),
    ],
  },
  {
    dialogue_id: 'made-up-3',
    services: ['Flights_8'],
    turns: [
      user('Oslo to Bergen on Friday.', 'Flights_8', 'ReserveFlight', {
        from: ['Oslo'],
        to: ['Bergen'],
        day: ['Friday'],
      }),
      system('There is no seat left.', 'Flights_8', 'NOTIFY_FAILURE'),
      user('Oh no.', 'Flights_8', 'ReserveFlight', { from: ['Oslo'], to: ['Bergen'], day: ['Friday'] }),
    ],
  },
];

/** As a file holds them: one per line. */
export const MADE_UP_DIALOGUES = dialogues.map((dialogue) => JSON.stringify(dialogue)).join('\n');
