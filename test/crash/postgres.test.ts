import { newDatabase } from '../postgres/database.ts';
import { crashContract } from './crash-contract.ts';

crashContract('PostgreSQL', async () => ({ databaseUrl: await newDatabase() }));
