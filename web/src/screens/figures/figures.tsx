/* All figures of a place as of a day. No number here is typed in by anybody: each opens into its records. */
import { useLabels } from '../../api/labels';
import type { Figures } from '../../api/types';
import { useRead } from '../../api/use-read';
import { placeOfQuery } from '../../app/shell';
import { number } from '../../app/when';
import { asOf } from '../../parts/as-of';
import { Card, Row, Shown } from '../../parts/parts';
import { type Key, t } from '../../texts/texts';
import { figureHref } from '../place/place';
import { PlaceHead } from '../place/place-head';

const FAMILIES: [Key, (name: string) => boolean][] = [
  ['figures.places', (n) => /^(towns|villages|households|groups|checkpoints)/.test(n)],
  ['figures.people', (n) => n.startsWith('people.')],
  ['figures.teams', (n) => n.startsWith('teams.')],
  ['figures.other', () => true],
];

/** Each family's names; a name belongs to the first that claims it. */
export function families(f: Figures): [Key, string[]][] {
  const left = new Set(Object.keys(f.figures));
  return FAMILIES.map(([title, claims]): [Key, string[]] => {
    const names = [...left].filter(claims);
    for (const n of names) {
      left.delete(n);
    }
    return [title, names];
  }).filter(([, names]) => names.length > 0);
}

export function FiguresScreen() {
  const place = placeOfQuery();
  const { partLabel } = useLabels();
  const figures = useRead('/api/v1/figures', place === undefined ? undefined : { query: { place, as_of: asOf() } });
  if (place === undefined) {
    return null;
  }
  return (
    <>
      <PlaceHead code={place} title={t('figures.title')} />
      <p class="note lead">{t('figures.drill')}</p>
      <Shown of={figures}>
        {(f) => (
          <div class="columns masonry">
            {families(f).map(([title, names]) => (
              <Card key={title} title={t(title)}>
                <ul class="rows tight">
                  {names.map((n) => (
                    <Row
                      key={n}
                      href={figureHref(n, place)}
                      title={partLabel(n)}
                      end={<strong class={f.figures[n] === 0 ? 'zero' : ''}>{number(f.figures[n] ?? 0)}</strong>}
                    />
                  ))}
                </ul>
              </Card>
            ))}
          </div>
        )}
      </Shown>
    </>
  );
}
