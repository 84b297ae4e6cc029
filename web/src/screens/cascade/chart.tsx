/* The course of a cascade: how many units had the notice, and how many had acknowledged it, minute by minute. */
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Cascade } from '../../api/desk';
import { fullTime } from '../../app/when';
import { t } from '../../texts/texts';
import { clockOf, steps } from './rows';

const H = 150;
const LEFT = 34;
const RIGHT = 8;
const TOP = 10;
const BOTTOM = 24;

interface Props {
  of: Cascade;
  end: number;
  /** The moment shown, drawn as a line. */
  at: number;
}

export function CascadeChart({ of: c, end, at }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const [W, setWidth] = useState(600);
  useLayoutEffect(() => {
    const measure = () => setWidth(Math.max(260, box.current?.clientWidth ?? 600));
    measure();
    addEventListener('resize', measure);
    return () => removeEventListener('resize', measure);
  }, []);
  const start = Date.parse(c.issued);
  const total = Math.max(1, (end - start) / 60_000);
  const x = (minute: number) => LEFT + (Math.min(minute, total) * (W - LEFT - RIGHT)) / total;
  const y = (n: number) => H - BOTTOM - (n * (H - TOP - BOTTOM)) / Math.max(1, c.units);
  const path = (what: 'delivered' | 'acknowledged') => {
    const points = steps(c, what);
    const n = points.at(-1)?.[1] ?? 0;
    return `${points.map(([m, k], i) => (i === 0 ? `M${x(m)},${y(k)}` : `H${x(m)}V${y(k)}`)).join('')}${n >= 0 ? `H${x(total)}` : ''}`;
  };
  const marks = Math.max(2, Math.floor(W / 170));
  const alt = t('cascade.chart_alt', {
    from: fullTime(start),
    to: fullTime(end),
    delivered: steps(c, 'delivered').length - 1,
    acknowledged: steps(c, 'acknowledged').length - 1,
    units: c.units,
  });
  return (
    <div ref={box}>
      <svg class="chart cascade-chart" viewBox={`0 0 ${W} ${H}`} role="img" aria-label={alt}>
        {[0, c.units].map((v) => (
          <g key={v}>
            <line class="grid" x1={LEFT} x2={W - RIGHT} y1={y(v)} y2={y(v)} />
            <text x={LEFT - 6} y={y(v) + 4} text-anchor="end">
              {v}
            </text>
          </g>
        ))}
        {Array.from({ length: marks + 1 }, (_, i) => (total * i) / marks).map((m, i) => (
          <text key={m} x={x(m)} y={H - 6} text-anchor={i === 0 ? 'start' : i === marks ? 'end' : 'middle'}>
            {clockOf(start + m * 60_000, c.issued)}
          </text>
        ))}
        <path class="line delivered" d={path('delivered')} />
        <path class="line" d={path('acknowledged')} />
        <line class="at" x1={x((at - start) / 60_000)} x2={x((at - start) / 60_000)} y1={TOP - 4} y2={H - BOTTOM} />
      </svg>
      <p class="legend" aria-hidden="true">
        <span class="key delivered" />
        {t('cascade.delivered')}
        <span class="key" />
        {t('cascade.acknowledged')}
      </p>
    </div>
  );
}
