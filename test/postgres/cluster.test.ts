// What every test against PostgreSQL stands on: a real server, started here, without anything installed.

import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { removeCluster, startCluster, startServer, stopServer } from './cluster.ts';
import { createDatabase, newDatabase, query } from './database.ts';

describe('the PostgreSQL server of the tests', { timeout: 60_000 }, () => {
  it('gives every file a database of its own on one server', async () => {
    const [one, other] = [await newDatabase(), await newDatabase()];
    await query(one, 'create table mine (n int)');
    await expect(query(other, 'select * from mine')).rejects.toMatchObject({ code: '42P01' });
    expect(new URL(one).port).toBe(new URL(other).port);
    expect(Number((await query(one, 'show server_version_num'))[0]?.server_version_num)).toBeGreaterThan(150_000);
  });

  it('lets nobody in without the password', async () => {
    const closed = new URL(await newDatabase());
    closed.password = 'guessed';
    await expect(query(closed.href, 'select 1')).rejects.toMatchObject({ code: '28P01' });
  });

  it('stops hard and comes back with what was committed, and leaves nothing behind', async () => {
    const cluster = await startCluster();
    const url = await createDatabase(cluster.url);
    await query(url, 'create table kept (n int)');
    stopServer(cluster, 'immediate');
    await expect(query(url, 'select 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    startServer(cluster);
    expect(await query(url, 'select count(*)::int as n from kept')).toEqual([{ n: 0 }]);
    removeCluster(cluster);
    expect(existsSync(cluster.folder)).toBe(false);
  });
});
