/* The chain of contacts about one person: drawn by generation, and the same in words. */
import { useRead } from '../../api/use-read';
import { line } from '../../app/names';
import { plainDay } from '../../app/when';
import { Card, Empty, Shown, Title } from '../../parts/parts';
import { label, t } from '../../texts/texts';
import { useTitle } from '../place/place-head';
import { BOX, COLUMN, type Drawing, layout, path } from './chain-layout';

const NAME_MOST = 6;

function Picture({ of }: { of: Drawing }) {
  return (
    // A drawing wider than the phone is moved sideways, also by keyboard.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable
    <section class="chain-scroll" tabIndex={0} aria-label={t('chain.drawing')}>
      <svg class="chain" width={of.width} height={of.height + 24} viewBox={`0 -24 ${of.width} ${of.height + 24}`}>
        <title>{t('chain.alt', { people: of.nodes.length, links: of.links.length, n: of.generations })}</title>
        {Array.from({ length: of.generations + 1 }, (_, g) => (
          <text key={g} class="generation" x={12 + g * COLUMN} y={-8}>
            {g === 0 ? t('chain.start') : t('chain.generation', { n: g })}
          </text>
        ))}
        {of.links.map((l) => (
          <path key={`${l.from.subject} ${l.to.subject}`} class="tie" d={path(l.from, l.to)} />
        ))}
        {of.nodes.map((n) => {
          const name = n.name ?? t('chain.unknown');
          const short = name.length > NAME_MOST ? `${name.slice(0, NAME_MOST - 1)}…` : name;
          const box = (
            <g transform={`translate(${n.x} ${n.y})`} class={n.followup === undefined ? 'node' : 'node followed'}>
              <rect width={BOX.width} height={BOX.height} rx="8" />
              <text x="10" y="19">
                {short}
              </text>
              <text x="10" y="36" class="small">
                {line(t('chain.n_links', { n: n.links }), n.followup !== undefined && t('chain.followed'))}
              </text>
            </g>
          );
          return n.followup === undefined ? (
            <g key={n.subject}>{box}</g>
          ) : (
            <a key={n.subject} href={`/followup/${n.followup}`}>
              {box}
            </a>
          );
        })}
      </svg>
    </section>
  );
}

/** The same for those who do not see the drawing. */
function InWords({ of }: { of: Drawing }) {
  const name = (n: { name?: string }) => n.name ?? t('chain.unknown');
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">{t('chain.from')}</th>
          <th scope="col">{t('chain.to')}</th>
          <th scope="col">{t('chain.relation')}</th>
          <th scope="col">{t('chain.generation_head')}</th>
        </tr>
      </thead>
      <tbody>
        {of.links.map((l) => (
          <tr key={`${l.from.subject} ${l.to.subject}`}>
            <td>{name(l.from)}</td>
            <td>{name(l.to)}</td>
            <td>{line(l.relation && label('relation', l.relation), l.on && plainDay(l.on)) || '–'}</td>
            <td>{Math.max(l.from.generation, l.to.generation)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function ChainScreen({ id }: { id: string }) {
  const chain = useRead('/api/v1/visits/chains', { query: { about: id } });
  useTitle(t('chain.contacts'));
  return (
    <>
      <Title sub={t('chain.note')}>{t('chain.contacts')}</Title>
      <Card>
        <Shown of={chain}>
          {(c) => {
            const drawing = layout(c);
            return c.links.length === 0 ? (
              <Empty icon="users" title={t('chain.none')} />
            ) : (
              <>
                <p class="note">
                  {t('chain.alt', {
                    people: drawing.nodes.length,
                    links: drawing.links.length,
                    n: drawing.generations,
                  })}
                </p>
                <Picture of={drawing} />
                <details>
                  <summary>{t('chain.words')}</summary>
                  <InWords of={drawing} />
                </details>
              </>
            );
          }}
        </Shown>
      </Card>
    </>
  );
}
