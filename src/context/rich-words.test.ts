// Tests that what a rich message contains can be read: every published shape of CXone's digital side and of Open Messaging's content, and whatever else comes.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { richWords } from './rich-words.ts';

const wrapped = (content: string) => ({ content });
const button = (text: string, more: object = {}) => ({ type: 'REPLY_BUTTON', text, postback: 'p', ...more });

describe('richWords', () => {
  it.each<[string, unknown, readonly string[]]>([
    ['a text', { text: ' Hello ' }, ['Hello']],
    [
      'a rich link, by its title, its address and its picture',
      {
        media: { fileName: 'bill.png', mimeType: 'image/png', url: 'https://cdn.example/1' },
        title: wrapped('Your bill'),
        url: 'https://example.com/bill',
      },
      ['Your bill', 'https://example.com/bill', '[bill.png]'],
    ],
    [
      'quick replies',
      { text: wrapped('Which one?'), actions: [button('Card'), button('Account')] },
      ['Which one?', '- Card', '- Account'],
    ],
    [
      'a list picker, whose icons say nothing',
      {
        title: wrapped('Bills'),
        text: wrapped('Choose one'),
        actions: [
          button('March', { description: '12.50', icon: { fileName: 'i', mimeType: 'image/png', url: 'https://x' } }),
        ],
      },
      ['Bills', 'Choose one', '- March: 12.50'],
    ],
    [
      'a plugin, element by element',
      {
        elements: [
          {
            id: 'm',
            type: 'MENU',
            elements: [
              { id: 'a', type: 'TITLE', text: 'Offers' },
              { id: 'b', type: 'BUTTON', text: 'See', url: 'https://example.com/offers' },
            ],
          },
        ],
      },
      ['Offers', '- See: https://example.com/offers'],
    ],
    [
      'an adaptive card',
      {
        type: 'AdaptiveCard',
        version: '1.5',
        body: [
          { type: 'TextBlock', text: 'Your booking' },
          { type: 'FactSet', facts: [{ title: 'Day', value: 'Friday' }] },
          { type: 'ColumnSet', columns: [{ items: [{ type: 'Image', url: 'https://x/1.png', altText: 'A room' }] }] },
        ],
        actions: [
          { type: 'Action.OpenUrl', title: 'Open', url: 'https://example.com/b' },
          { type: 'Action.Submit', title: 'Cancel', data: { text: 'secret' } },
        ],
      },
      ['Your booking', '- Day: Friday', 'A room', 'https://x/1.png', '- Open: https://example.com/b', '- Cancel'],
    ],
    [
      "Open Messaging's quick reply, and its card",
      [
        { contentType: 'QuickReply', quickReply: { text: 'Yes', payload: 'y', action: 'Message' } },
        {
          contentType: 'Card',
          card: { title: 'Plan', description: 'For two', actions: [{ type: 'Link', text: 'More', url: 'https://p' }] },
        },
      ],
      ['- Yes', 'Plan', 'For two', '- More: https://p'],
    ],
    ['a file without a name', { media: { mimeType: 'image/png', url: 'https://x' } }, ['[file]']],
    ['nothing', {}, []],
    ['what only machines read', { postback: 'x', data: { text: 'y' }, id: 'z' }, []],
  ])('reads %s', (_what, content, lines) => {
    expect(richWords(content)).toBe(lines.join('\n'));
  });

  it('takes anything, however deep', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 12 }), (value) => {
        expect(typeof richWords(value)).toBe('string');
      }),
    );
    let deep: unknown = { text: 'down here' };
    for (let n = 0; n < 10_000; n += 1) deep = { elements: [deep] };
    expect(richWords(deep)).toBe('');
  });
});
