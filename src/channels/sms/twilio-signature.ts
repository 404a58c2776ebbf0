// Owns the proof that a form was posted by Twilio: X-Twilio-Signature is the base64 of HMAC-SHA1, keyed with the account's auth
// token, over the URL as Twilio requested it and every parameter sorted by name
// (https://www.twilio.com/docs/usage/webhooks/webhooks-security). Two tokens are accepted at once, so that one can be
// promoted without a gap. There is no timestamp in it: a replay repeats a status, which changes nothing (`receipt.ts`).

import { createHmac, timingSafeEqual } from 'node:crypto';
import type { HookRequest } from './sms-hook.ts';

export type TwilioVerifier = (request: HookRequest) => boolean;

const utf8 = new TextDecoder('utf-8', { fatal: true });
const SIGNATURE = /^[A-Za-z0-9+/]{27}=$/;
/** Of the parameters of a form; more than any of Twilio's has. */
const MOST_FIELDS = 500;

/**
 * `url` is the hook as it was given to Twilio, without its query: behind a proxy ours looks different. Throws at once when it is no
 * URL of that kind. Without tokens: never.
 */
export function twilioVerifier({
  authTokens,
  url,
}: {
  readonly authTokens: readonly string[];
  readonly url: string;
}): TwilioVerifier {
  const tokens = authTokens.filter((token) => token !== '');
  const urls = urlsOf(url);
  return ({ headers, rawBody, query }) => {
    const offered = headers.get('x-twilio-signature') ?? '';
    const form = formIn(rawBody);
    if (!SIGNATURE.test(offered) || form === undefined) return false;
    // As text: base64 has several spellings of the same bytes, and only one of them is Twilio's.
    const told = Buffer.from(offered);
    const tail = (query === '' ? '' : `?${query}`) + sortedFields(form);
    // Every pair is compared, whatever the earlier ones said.
    return tokens
      .flatMap((token) =>
        urls.map((each) =>
          timingSafeEqual(
            told,
            Buffer.from(
              createHmac('sha1', token)
                .update(each + tail)
                .digest('base64'),
            ),
          ),
        ),
      )
      .includes(true);
  };
}

/** The fields of a form, or undefined when the bytes are not text or far too many. */
export function formIn(rawBody: Uint8Array): URLSearchParams | undefined {
  try {
    const form = new URLSearchParams(utf8.decode(rawBody));
    return form.size > MOST_FIELDS ? undefined : form;
  } catch {
    return undefined;
  }
}

/**
 * Twilio signs with or without the port, whichever was given to it ("signature generation on the back end is inconsistent",
 * twilio-node `validateRequest`).
 */
function urlsOf(url: string): readonly string[] {
  const parts = /^(https?):\/\/([^/?#]+?)(:\d+)?(\/[^?#]*)?$/i.exec(url);
  if (parts === null) throw new TypeError('The URL of a hook is http or https, without query and fragment.');
  const [, scheme = '', host = '', port = '', path = ''] = parts;
  const told = port !== '' ? port : scheme.toLowerCase() === 'https' ? ':443' : ':80';
  return ['', told].map((each) => `${scheme}://${host}${each}${path}`);
}

/** Names in UTF-16 order, each followed by its value; of a repeated name each different value once, in order. */
function sortedFields(form: URLSearchParams): string {
  const names = [...new Set(form.keys())].sort();
  return names.flatMap((name) => [...new Set(form.getAll(name))].sort().map((value) => name + value)).join('');
}
