// Runs the control surface's promises on every platform's twin.

import { DEMO_ACCESS_KEY } from '../../src/twins/cxone/tenant.ts';
import { controlContract } from './control-contract.ts';
import { driveCxone } from './cxone-driver.ts';
import { driveTwin } from './twin-driver.ts';

controlContract('Genesys Cloud', async () => {
  const driver = await driveTwin();
  const vendorPath = '/api/v2/routing/queues';
  return {
    ...driver,
    idField: 'conversationId',
    answer: driver.twin.answer,
    vendorPath,
    vendorCall: async (asAnother = false) =>
      asAnother ? driver.api('GET', vendorPath, undefined, await driver.login()) : driver.api('GET', vendorPath),
  };
});

controlContract('NICE CXone', async () => {
  const driver = await driveCxone();
  const fresh = async () =>
    String((await driver.raw('POST', '/authentication/v1/token/access-key', DEMO_ACCESS_KEY)).body.access_token);
  return {
    ...driver,
    idField: 'contactId',
    answer: driver.twin.answer,
    vendorPath: '/services/v30.0/skills',
    vendorCall: async (asAnother = false) =>
      asAnother ? driver.acd('GET', '/skills', undefined, await fresh()) : driver.acd('GET', '/skills'),
  };
});
