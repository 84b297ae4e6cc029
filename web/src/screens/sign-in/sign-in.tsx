/* Signing in, and saying plainly what stands in the way. Unsent records of this device are named here, so that
 * nobody believes them lost. */
import { useState } from 'preact/hooks';
import { Problem } from '../../api/client';
import { signIn, who } from '../../app/session';
import { entries, waitingEntries } from '../../outbox/outbox';
import { TextField } from '../../parts/field';
import { Icon } from '../../parts/icon';
import { problemText } from '../../parts/parts';
import { t } from '../../texts/texts';

function explain(p: Problem): string {
  if (p.status === 429) {
    return t('sign.locked', { seconds: p.retryAfter ?? 60 });
  }
  return p.status === 401 ? t('sign.wrong') : problemText(p);
}

export function SignIn() {
  const [account, setAccount] = useState(who.value?.account ?? waitingEntries.value[0]?.account ?? '');
  const [password, setPassword] = useState('');
  const [shown, setShown] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | undefined>();
  const owner = waitingEntries.value[0]?.account;

  const submit = async (e: Event) => {
    e.preventDefault();
    if (account.trim() === '' || password === '') {
      setError(t('sign.missing'));
      return;
    }
    setBusy(true);
    setError(undefined);
    try {
      await signIn(account.trim(), password);
    } catch (problem) {
      setError(problem instanceof Problem ? explain(problem) : t('problem.unexpected'));
      setBusy(false);
    }
  };

  return (
    <div class="sign-in">
      <div class="sign-mark">
        <Icon name="mark" size={44} />
        <h1 tabIndex={-1}>{t('app.name')}</h1>
        <p class="note">{t('sign.lead')}</p>
      </div>
      <form class="card" onSubmit={submit} noValidate>
        {who.value !== undefined && <p class="notice">{t('sign.again')}</p>}
        {entries.value.length > 0 && owner !== undefined && (
          <p class="notice">{t('sign.unsent', { n: waitingEntries.value.length, account: owner })}</p>
        )}
        <TextField
          label={t('sign.account')}
          name="account"
          value={account}
          autocomplete="username"
          onValue={setAccount}
        />
        <TextField
          label={t('sign.password')}
          name="password"
          type={shown ? 'text' : 'password'}
          value={password}
          autocomplete="current-password"
          onValue={setPassword}
        />
        <label class="check">
          <input type="checkbox" checked={shown} onChange={(e) => setShown(e.currentTarget.checked)} />
          {t('sign.show')}
        </label>
        {error !== undefined && (
          <p class="error" role="alert">
            {error}
          </p>
        )}
        <button type="submit" class="button primary wide" disabled={busy}>
          {t('sign.in')}
        </button>
      </form>
    </div>
  );
}
