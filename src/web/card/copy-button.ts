// Owns the button that copies one value and says that it did, to the eye and to a screen reader.

import { drawing, element } from './markup.ts';
import type { Texts } from './texts.ts';

const FEEDBACK_MS = 1_600;

/** `announce` takes what a screen reader should say. */
export function copyButton(
  { what, value, label }: { readonly what: string; readonly value: string; readonly label?: string | undefined },
  texts: Texts,
  announce: (words: string) => void,
): HTMLButtonElement {
  const named: Readonly<Record<string, string>> = label
    ? {}
    : { 'aria-label': texts.copyOf(what), title: texts.copyOf(what) };
  const words = label ? element('span', {}, label) : null;
  const button = element('button', { type: 'button', class: 'copy', ...named }, drawing('copy'), words);
  button.addEventListener('click', async () => {
    const copied = await copy(value, button);
    announce(copied ? texts.copied : texts.notCopied);
    button.classList.toggle('done', copied);
    if (copied) button.firstElementChild?.replaceWith(drawing('done'));
    if (words) words.textContent = copied ? texts.copied : texts.notCopied;
    setTimeout(() => {
      button.classList.remove('done');
      button.firstElementChild?.replaceWith(drawing('copy'));
      if (words) words.textContent = label ?? '';
    }, FEEDBACK_MS);
  });
  return button;
}

async function copy(value: string, near: HTMLElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(value);
    return true;
  } catch {
    return copyFromField(value, near);
  }
}

/** A desktop that embeds the card need not allow it the clipboard; what the agent has selected it may always copy. */
function copyFromField(value: string, near: HTMLElement): boolean {
  const field = element('textarea', { class: 'unseen', readonly: '', 'aria-hidden': 'true', tabindex: '-1' });
  field.value = value;
  near.after(field);
  field.select();
  const copied = document.execCommand('copy');
  field.remove();
  near.focus();
  return copied;
}
