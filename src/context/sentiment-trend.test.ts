import { expect, it } from 'vitest';
import { sentimentTrend } from './sentiment-trend.ts';

it.each([
  [['neutral', 'negative'], 'NEGATIVE_ESCALATING'],
  [['positive', 'negative'], 'NEGATIVE_ESCALATING'],
  [[-0.3, -0.8], 'NEGATIVE_ESCALATING'],
  [[-0.9, -0.4], 'NEGATIVE_IMPROVING'],
  [['negative', -0.5], 'NEGATIVE_IMPROVING'],
  [['negative', 'neutral', 'negative'], 'NEGATIVE'],
  [['negative'], 'NEGATIVE'],
  [['negative', 'neutral'], 'NEUTRAL'],
  [[0.25], 'NEUTRAL'],
  [[-0.25], 'NEUTRAL'],
  [[-1, 0.26], 'POSITIVE'],
] as const)('moods %j are %s', (moods, trend) => {
  expect(sentimentTrend([...moods])).toBe(trend);
});

it('no mood given is no trend', () => {
  expect(sentimentTrend([])).toBeUndefined();
});
