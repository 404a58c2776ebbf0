// Owns docs/gateway-openapi.json: writes the gateway contract's document anew after its schemas have changed.
// `npm run gateway-openapi` also formats it.

import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gatewayOpenApi } from '../src/platforms/gateway/gateway-openapi.ts';

const file = fileURLToPath(new URL('../docs/gateway-openapi.json', import.meta.url));
writeFileSync(file, `${JSON.stringify(gatewayOpenApi(), null, 2)}\n`);
