/* One figure per day as a line, with its own scale and a table of the same numbers for those who cannot see it. */
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { number, shortDay } from '../app/when';
import { t } from '../texts/texts';
import { scale } from './scale';

export interface Point {
  day: string;
  value: number;
}

const H = 200;
const LEFT = 52;
const RIGHT = 12;
const TOP = 12;
const BOTTOM = 28;

export function LineChart({ name, points }: { name: string; points: Point[] }) {
  const box = useRef<HTMLDivElement>(null);
  const [W, setWidth] = useState(600);
  useLayoutEffect(() => {
    const measure = () => setWidth(Math.max(260, box.current?.clientWidth ?? 600)); // one unit is one pixel: letters keep their size
    measure();
    addEventListener('resize', measure);
    return () => removeEventListener('resize', measure);
  }, []);
  const first = points[0];
  const last = points.at(-1);
  if (!first || !last) {
    return null;
  }
  const s = scale(points.map((p) => p.value));
  const x = (i: number) => LEFT + (i * (W - LEFT - RIGHT)) / Math.max(1, points.length - 1);
  const y = (v: number) => H - BOTTOM - ((v - s.from) * (H - TOP - BOTTOM)) / (s.step * s.n);
  const every = Math.max(1, Math.ceil((points.length * 76) / W));
  const alt = t('figure.chart_alt', {
    name,
    from: first.day,
    to: last.day,
    first: first.value,
    last: last.value,
    max: Math.max(...points.map((p) => p.value)),
  });
  return (
    <div ref={box}>
      <svg class="chart" viewBox={`0 0 ${W} ${H}`} role="img" aria-label={alt}>
        {Array.from({ length: s.n + 1 }, (_, i) => s.from + i * s.step).map((v) => (
          <g key={v}>
            <line class="grid" x1={LEFT} x2={W - RIGHT} y1={y(v)} y2={y(v)} />
            <text x={LEFT - 8} y={y(v) + 4} text-anchor="end">
              {number(v)}
            </text>
          </g>
        ))}
        {points.map(
          (p, i) =>
            i % every === 0 && (
              <text key={p.day} x={x(i)} y={H - 8} text-anchor="middle">
                {shortDay(p.day)}
              </text>
            ),
        )}
        <polyline class="line" points={points.map((p, i) => `${x(i)},${y(p.value)}`).join(' ')} />
        {points.length <= 45 &&
          points.map((p, i) => <circle key={p.day} class="dot" cx={x(i)} cy={y(p.value)} r="3.5" />)}
      </svg>
      <details>
        <summary>{t('figure.table')}</summary>
        <div class="scroll">
          <table>
            <thead>
              <tr>
                <th scope="col">{t('figure.day')}</th>
                <th scope="col">{t('figure.value')}</th>
              </tr>
            </thead>
            <tbody>
              {points.map((p) => (
                <tr key={p.day}>
                  <td>{p.day}</td>
                  <td>{number(p.value)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </div>
  );
}
