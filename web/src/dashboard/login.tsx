import { useState } from 'preact/hooks';
import { signedOut, signIn } from './api.ts';
import { say } from './parts.tsx';

export function Login() {
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const value = String(new FormData(event.currentTarget as HTMLFormElement).get('token') ?? '').trim();
    if (!value) return setError('Put a token in.');
    setBusy(true);
    setError('');
    try {
      await signIn(value);
    } catch (failure) {
      setError(say(failure));
    } finally {
      setBusy(false);
    }
  };
  return (
    <main class="login">
      <h1>
        <img src="icon.svg" alt="" width="28" height="28" /> glowplug
      </h1>
      {signedOut.value && !error && <p class="notice warn" role="alert">{signedOut.value}</p>}
      {error && <p class="notice bad" role="alert">{error}</p>}
      <form class="stack" onSubmit={submit}>
        <label>
          Token
          <input name="token" type="password" autocomplete="off" spellcheck={false} placeholder="gp_…" autofocus />
        </label>
        <button type="submit" class="primary" disabled={busy}>
          {busy ? 'Signing in…' : 'Sign in'}
        </button>
      </form>
      <p class="muted">
        The server printed an admin token at its first start; <code>glowplug tokens create</code> makes others. It is kept until this tab is closed.
      </p>
    </main>
  );
}
