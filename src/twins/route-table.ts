// Owns how a request finds its route: by method and the words of its path, `:name` standing for any one word.

export type RoutePattern = { readonly method: string; readonly path: string };
export type FoundRoute<Route> = { readonly route: Route; readonly params: ReadonlyMap<string, string> };
export type TableOptions = { readonly anyCase?: boolean };

/**
 * Routes of the same method and length are tried in order: the ones with literal words come first in the lists. `anyCase`
 * compares the words of the path, never its values, without regard to case.
 */
export function tabulate<Route extends RoutePattern>(
  routes: readonly Route[],
  { anyCase = false }: TableOptions = {},
): (method: string, path: string) => FoundRoute<Route> | undefined {
  const fold = (word: string) => (anyCase ? word.toLowerCase() : word);
  const byShape = new Map<string, { readonly route: Route; readonly words: readonly string[] }[]>();
  for (const route of routes) {
    const words = route.path.split('/');
    const shape = `${route.method} ${words.length}`;
    byShape.set(shape, [...(byShape.get(shape) ?? []), { route, words }]);
  }
  return (method, path) => {
    const parts = path.split('/');
    for (const { route, words } of byShape.get(`${method} ${parts.length}`) ?? []) {
      const params = matchWords(words, parts, fold);
      if (params !== undefined) return { route, params };
    }
    return undefined;
  };
}

function matchWords(
  words: readonly string[],
  parts: readonly string[],
  fold: (word: string) => string,
): ReadonlyMap<string, string> | undefined {
  const params = new Map<string, string>();
  for (const [index, word] of words.entries()) {
    const part = parts[index] ?? '';
    if (word.startsWith(':')) params.set(word.slice(1), part);
    else if (fold(word) !== fold(part)) return undefined;
  }
  return params;
}
