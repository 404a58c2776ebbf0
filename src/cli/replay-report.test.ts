import { describe, expect, it } from 'vitest';
import type { Replayed } from './replay-dialogue.ts';
import { replayReport, replayTable } from './replay-report.ts';

function replayed(more: Partial<Replayed> = {}, handoff: Partial<Replayed['handoff']> = {}): Replayed {
  return {
    dialogueId: 'd-1',
    conversationId: 'c-1',
    handoff: {
      id: 'i.1',
      phase: 'settled',
      outcome: 'completed',
      attempts: 1,
      loss: [],
      timeline: [],
      timing: { ownMs: 2, vendorMs: 300 },
      ...handoff,
    },
    readBack: { fields: 10, lost: [] },
    holder: 'queue',
    queue: 'Bank_Services',
    ...more,
  };
}

describe('the report of a replay', () => {
  it('is good when all were completed and nothing was lost', () => {
    const report = replayReport([replayed(), replayed({ queue: 'Travel_Flights' }, { timing: { ownMs: 4 } })]);
    expect(report).toMatchObject({
      handoffs: 2,
      outcomes: { completed: 2 },
      queues: { Bank_Services: 1, Travel_Flights: 1 },
      ownMs: { p50: 2, p99: 4 },
      vendorMs: { p50: 300, p99: 300 },
      fields: 20,
      fieldsReadBack: 20,
      completeness: 1,
      slotsLost: 0,
      trouble: [],
      ok: true,
    });
    expect(replayTable(report)).toMatch(/completeness +100%/);
  });

  it("does not count as our own time what was spent waiting for a turn, nor as waiting what is the vendor's time", () => {
    const timeline = [
      ['12:00:00.000', 'EscalationRequested'],
      ['12:00:00.004', 'StepDelayed'],
      ['12:00:01.004', 'StepRetried'],
      ['12:00:01.006', 'TransferAccepted'],
      ['12:00:01.007', 'StepDelayed'],
      ['12:00:09.007', 'StepRetried'],
    ].map(([time, event = '']) => ({ at: `2026-05-10T${time}Z`, event }));
    const report = replayReport([replayed({}, { timeline, timing: { ownMs: 1_006, vendorMs: 8_001 } })]);
    expect(report.waitedMs.p50).toBe(1_000);
    expect(report.ownMs.p50).toBe(6);
    const open = timeline.slice(0, 2);
    expect(replayReport([replayed({}, { timeline: open, timing: {} })])).toMatchObject({
      ownMs: { p50: null },
      waitedMs: { p50: 0 },
    });
  });

  it('names a handoff that was not completed, with its reason', () => {
    const report = replayReport([
      replayed({ holder: 'bot' }, { outcome: 'refused', reason: 'no-queue', detail: 'Home' }),
    ]);
    expect(report.ok).toBe(false);
    expect(replayTable(report)).toContain('d-1: refused (no-queue, Home)');
  });

  it('names what was lost, and never rounds up to all of it', () => {
    const whole = Array.from({ length: 300 }, () => replayed());
    const lost = replayed({ readBack: { fields: 10, lost: ['slots_collected.city', 'trigger'] } });
    const report = replayReport([...whole, lost]);
    expect(report).toMatchObject({ slotsLost: 1, fieldsReadBack: 3008, ok: false });
    expect(replayTable(report)).toContain('99.9%');
    expect(replayTable(report)).toContain('d-1: not read back: slots_collected.city, trigger');
  });

  it('does not believe a completion that the vendor does not show', () => {
    const report = replayReport([replayed({ holder: 'bot', queue: null })]);
    expect(report.trouble).toEqual([{ dialogueId: 'd-1', why: 'completed, but the bot still has the customer' }]);
  });

  it('is not good when nothing was replayed', () => {
    const report = replayReport([]);
    expect(report).toMatchObject({ ok: false, completeness: 0, ownMs: { p50: null } });
    expect(replayTable(report)).toContain('p50 -, p99 -');
  });

  it('tells of a handoff that never ended', () => {
    expect(replayReport([replayed({}, { outcome: null })]).trouble[0]?.why).toBe('open');
  });
});
