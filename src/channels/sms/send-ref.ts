// Owns the shape of our reference of a send, as it comes back from a provider: nothing else is taken for one.

const REF = /^[A-Za-z0-9._-]{1,100}$/;

export function refIn(value: string | null | undefined): { readonly ref?: string } {
  return value != null && REF.test(value) ? { ref: value } : {};
}
