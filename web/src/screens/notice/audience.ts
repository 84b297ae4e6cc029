/* Whom a notice is for, in words: all places below at once when all are meant, else each by name; those out of one's
 * reach, whose names cannot be had, by their number. */
import { useEffect, useState } from 'preact/hooks';
import type { Audience } from '../../api/desk';
import { useLabels } from '../../api/labels';
import { read } from '../../api/reads';
import { LEVEL_VILLAGE, levelOf, townOf } from '../../app/places';
import { grantsAt, who } from '../../app/session';
import { label, t } from '../../texts/texts';

export type Names = ReadonlyMap<string, string>;

/** The place directly above a town, a village or a grid. */
export function parentOf(code: string): string {
  const level = levelOf(code);
  if (level > LEVEL_VILLAGE) {
    return code.slice(0, 12);
  }
  return level === LEVEL_VILLAGE ? townOf(code) : `${code.slice(0, 6)}000000`;
}

/** `below`: all places directly below the issuing one, as far as known. */
export function audienceText(
  to: Audience,
  names: Names,
  below: readonly string[],
  category: (name: string) => string,
): string {
  const places = to.places ?? [];
  const left = new Set(places);
  const parts: string[] = [];
  if (below.length > 1 && below.every((b) => left.has(b))) {
    parts.push(label('notice_all', String(levelOf(below[0] ?? ''))));
    for (const b of below) {
      left.delete(b);
    }
  }
  parts.push(...places.filter((p) => left.has(p) && names.has(p)).map((p) => names.get(p) ?? p));
  const nameless = places.filter((p) => left.has(p) && !names.has(p));
  for (const level of new Set(nameless.map(levelOf))) {
    parts.push(
      t('notice.places_n', {
        n: nameless.filter((p) => levelOf(p) === level).length,
        what: label('level', String(level)),
      }),
    );
  }
  if (to.party_members) {
    parts.push(t('notice.party_members'));
  }
  parts.push(...(to.categories ?? []).map(category));
  return parts.join(t('notice.comma'));
}

/** The names of places, and what lies directly below `place`; read a list a parent, none twice. */
export function useNames(place: string | undefined, codes: readonly string[]): { names: Names; below: string[] } {
  const [names, setNames] = useState<Names>(new Map());
  const [below, setBelow] = useState<string[]>([]);
  const parents = [...new Set([place, ...codes.map(parentOf)])].filter(
    (p): p is string => p !== undefined && grantsAt(p).length > 0,
  );
  const key = parents.join(' ');
  useEffect(() => {
    let gone = false;
    void Promise.all(
      parents.map((p) => read('/api/v1/places/divisions', { query: { place: p, limit: 500 } }).catch(() => undefined)),
    ).then((answers) => {
      if (!gone) {
        const read = answers.flatMap((a) => (a?.body.items ?? []).map((d): [string, string] => [d.code, d.name]));
        const own = (who.value?.roles ?? []).map((g): [string, string] => [g.place, g.place_name]);
        setNames(new Map([...own, ...read]));
        const mine = place === undefined ? undefined : answers[parents.indexOf(place)];
        setBelow((mine?.body.items ?? []).map((d) => d.code));
      }
    });
    return () => {
      gone = true;
    };
  }, [key]);
  return { names, below };
}

export function useAudience(place: string | undefined, to: Audience | undefined): string {
  const { valueLabel } = useLabels();
  const { names, below } = useNames(place, to?.places ?? []);
  return to === undefined ? '' : audienceText(to, names, below, (c) => valueLabel('category', c));
}
