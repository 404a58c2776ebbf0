import { describe, expect, it } from 'vitest';
import { driveTwin } from '../../../test/twins/twin-driver.ts';

const PATH = '/api/v2/conversations/messages/agentless';
const CUSTOMER = '+14155550123';
const BODY = {
  fromAddress: '+15055550120',
  toAddress: CUSTOMER,
  toAddressMessengerType: 'sms',
  textBody: 'Hello',
};
type Text = { id: string; conversationId: string; selfUri: string; status: string };

describe('text messages without an agent', () => {
  it('are accepted, and their status is told to whoever asks', async () => {
    const { api, clock, control } = await driveTwin({ settleMs: 100 });
    const sent = await api<Text>('POST', PATH, BODY);
    expect(sent.status).toBe(202);
    expect(sent.body).toMatchObject({ fromAddress: BODY.fromAddress, toAddress: CUSTOMER, messengerType: 'sms' });
    const status = async () =>
      (await api<Text>('GET', `/api/v2/conversations/messages/${sent.body.id}/details`)).body.status;
    expect(await status()).toBe('queued');
    await clock.advance(60);
    expect(await status()).toBe('sent');
    await clock.advance(60);
    expect(await status()).toBe('delivery-success');
    expect((await api<Text>('GET', sent.body.selfUri)).body).toMatchObject({ id: sent.body.id, direction: 'outbound' });
    const phone = await control<{ messages: unknown[] }>('GET', `/phones/${CUSTOMER}/messages`);
    expect(phone.body.messages).toMatchObject([{ vendor: 'genesys', text: 'Hello', from: BODY.fromAddress }]);
  });

  it.each([
    ['undelivered', 'delivery-failed'],
    ['failed', 'failed'],
    ['silent', 'sent'],
  ])('of a telephone that is %s end as %s', async (delivery, status) => {
    const { api, clock, control } = await driveTwin({ settleMs: 100 });
    await control('PUT', `/phones/${CUSTOMER}`, { delivery });
    const { body } = await api<Text>('POST', PATH, BODY);
    await clock.advance(1_000);
    expect((await api<Text>('GET', `/api/v2/conversations/messages/${body.id}/details`)).body.status).toBe(status);
  });

  it.each([
    { ...BODY, toAddressMessengerType: 'whatsapp' },
    { ...BODY, fromAddress: 'us' },
    { ...BODY, toAddress: '4155550123' },
    { ...BODY, textBody: '' },
    { ...BODY, textBody: 'x'.repeat(766) },
  ])('are refused: %j', async (body) => {
    const { api } = await driveTwin();
    expect(await api('POST', PATH, body)).toMatchObject({ status: 400, body: { code: 'bad.request' } });
  });

  it('that are unknown, or of another conversation, are not found', async () => {
    const { api, control } = await driveTwin();
    const { body } = await api<Text>('POST', PATH, BODY);
    expect((await api('GET', '/api/v2/conversations/messages/none/details')).status).toBe(404);
    expect((await api('GET', `/api/v2/conversations/messages/other/messages/${body.id}`)).status).toBe(404);
    await control('POST', '/reset');
    expect((await api('GET', body.selfUri)).status).toBe(404);
  });

  it('cannot be replied to: the inbound flow is not modelled', async () => {
    const { control } = await driveTwin();
    expect((await control('POST', `/phones/${CUSTOMER}/replies`, { text: 'YES' })).status).toBe(409);
  });
});
