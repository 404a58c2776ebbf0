import { expect, it } from 'vitest';
import { tabulate } from './route-table.ts';

const ROUTES = [
  { method: 'GET', path: '/contacts/active' },
  { method: 'GET', path: '/contacts/:id' },
  { method: 'POST', path: '/contacts/:id' },
];

it('finds a route by method and words, literal ones first where they are listed first', () => {
  const find = tabulate(ROUTES);
  expect(find('GET', '/contacts/active')?.route).toBe(ROUTES[0]);
  expect(find('GET', '/contacts/5')).toMatchObject({ route: ROUTES[1], params: new Map([['id', '5']]) });
  expect(find('POST', '/contacts/5')?.route).toBe(ROUTES[2]);
  expect(find('DELETE', '/contacts/5')).toBeUndefined();
  expect(find('GET', '/contacts/5/more')).toBeUndefined();
  expect(find('GET', '/CONTACTS/active')).toBeUndefined();
});

it('looks at no case where it is told so, but keeps the case of values', () => {
  const find = tabulate(ROUTES, { anyCase: true });
  expect(find('GET', '/Contacts/Active')?.route).toBe(ROUTES[0]);
  expect(find('GET', '/CONTACTS/AbC')?.params.get('id')).toBe('AbC');
});
