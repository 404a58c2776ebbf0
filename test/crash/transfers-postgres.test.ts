import { newDatabase } from '../postgres/database.ts';
import { transferCrashContract } from './transfer-contract.ts';

transferCrashContract('PostgreSQL', async () => ({ databaseUrl: await newDatabase() }));
