/* The people of a group by role: who is there, who is missing, who is on the way. */
import { online } from '../../api/client';
import { useLabels } from '../../api/labels';
import type { Group, Member, Model } from '../../api/types';
import { nameOf } from '../../app/names';
import { unsentOfGroup } from '../../app/records';
import { to } from '../../app/route';
import { dayOf } from '../../app/when';
import { Icon } from '../../parts/icon';
import { Badge, WaitingBadge } from '../../parts/parts';
import { label, t } from '../../texts/texts';

interface Props {
  g: Group;
  model?: Model;
  /** Offer to add and take off people. */
  manage?: boolean;
  onRemove?: (m: Member) => void;
}

/** The roles of the model, in its order, then any that only people hold. */
function rolesOf(g: Group, model: Model | undefined): string[] {
  const roles = model?.roles.map((r) => r.role) ?? [];
  const more = [...(g.members ?? []).map((m) => m.role), ...g.missing.map((m) => m.role)];
  return [...new Set([...roles, ...more])];
}

export function Members({ g, model, manage = false, onRemove }: Props) {
  const { valueLabel } = useLabels();
  const unsent = unsentOfGroup(g.id);
  const leaving = (m: Member) =>
    unsent.some(
      (e) => e.event.type === 'group.unstaffed' && e.event.data.person === m.person && e.event.data.role === m.role,
    );
  if (g.members === undefined && !online.value) {
    return <p class="note">{t('common.when_online')}</p>; // a phone carries groups without their people
  }
  return (
    <ul class="roles">
      {rolesOf(g, model).map((role) => {
        const rule = model?.roles.find((r) => r.role === role);
        const members = (g.members ?? []).filter((m) => m.role === role);
        const coming = unsent.filter((e) => e.event.type === 'group.staffed' && e.event.data.role === role);
        const short = g.missing.find((m) => m.role === role);
        return (
          <li key={role}>
            <div class="role-head">
              <h3>{label('grid', role)}</h3>
              {rule && <span class="note">{t('group.have', { have: members.length, least: rule.least })}</span>}
              {short && (
                <Badge tone="warn" icon="alert">
                  {t('group.missing', { role: '', n: short.least - short.have })}
                </Badge>
              )}
              {manage && (rule?.most === undefined || members.length < rule.most) && (
                <a class="button small" href={to(`/group/${g.id}/staff`, { role })}>
                  <Icon name="plus" size={16} />
                  {t('group.staff')}
                  <span class="visually-hidden">{t('group.staff_role', { role: label('grid', role) })}</span>
                </a>
              )}
            </div>
            {members.length === 0 && coming.length === 0 && <p class="note">{t('group.nobody')}</p>}
            {members.map((m) => (
              <div class="person" key={m.person}>
                <Icon name="user" size={18} />
                <span class="row-main">
                  <a class="row-title" href={`/person/${m.person}`}>
                    {nameOf(m)}
                  </a>
                  <span class="row-sub">
                    {valueLabel('category', m.category)} · {t('group.since', { day: dayOf(m.since) })}
                  </span>
                </span>
                {leaving(m) && <WaitingBadge />}
                {onRemove && !leaving(m) && (
                  <button type="button" class="button small quiet" onClick={() => onRemove(m)}>
                    {t('group.remove')}
                    <span class="visually-hidden">{nameOf(m)}</span>
                  </button>
                )}
              </div>
            ))}
            {coming.map((e) => (
              <div class="person unsent" key={e.id}>
                <Icon name="user" size={18} />
                <span class="row-main">
                  <span class="row-title">{e.title || t('outbox.untitled')}</span>
                </span>
                <Badge tone={e.state === 'refused' ? 'bad' : 'warn'} icon={e.state === 'refused' ? 'alert' : 'clock'}>
                  {label('state', e.state)}
                </Badge>
              </div>
            ))}
          </li>
        );
      })}
    </ul>
  );
}
