// Owns the start of the console.

import { render } from 'preact';
import { App } from './app.tsx';
import { followAddress } from './route.ts';
import { restoreSession } from './session.ts';

const place = document.querySelector('#console');
if (place) {
  followAddress();
  void restoreSession();
  render(<App />, place);
}
