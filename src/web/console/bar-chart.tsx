// Owns a small picture of counts side by side: one bar each, its number beside it, and the whole in words for who does not see it.

export type Bar = { readonly words: string; readonly count: number };

const WIDTH = 100;
const HEIGHT = 10;

export function BarChart({ title, bars }: { readonly title: string; readonly bars: readonly Bar[] }) {
  const most = Math.max(1, ...bars.map(({ count }) => count));
  return (
    <figure class="part bar-chart">
      <figcaption>
        <h2>{title}</h2>
      </figcaption>
      <ul>
        {bars.map(({ words, count }) => (
          <li key={words}>
            <span>{words}</span>
            <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
              <rect class="way" width={WIDTH} height={HEIGHT} />
              <rect class="share" width={(count / most) * WIDTH} height={HEIGHT} />
            </svg>
            <strong>{count}</strong>
          </li>
        ))}
      </ul>
    </figure>
  );
}
