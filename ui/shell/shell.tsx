/** The frame around every view: where one can go, whether the page is live, how it looks. */
import { Link, Outlet } from '@tanstack/react-router';
import { useConnection } from '../live/connection.ts';
import { PaletteButton } from '../palette/palette-button.tsx';
import { ConnectionNotice } from './connection-notice.tsx';
import './shell.css';
import { type Theme, themes, useTheme, writeTheme } from './theme.ts';
import { TokenForm } from './token-form.tsx';

export function Shell() {
  const connection = useConnection();
  return (
    <div className="shell">
      <div>
        <a className="shell-skip" href="#main">
          To the content
        </a>
        <header className="shell-bar">
          <Link to="/" className="shell-name">
            Serin
          </Link>
          <Navigation />
          <PaletteButton />
          <ThemeChoice />
        </header>
        <ConnectionNotice connection={connection} />
      </div>
      <main id="main" className="shell-main" tabIndex={-1}>
        {connection.state === 'unauthorized' ? <TokenForm wasRefused={connection.wasRefused} /> : <Outlet />}
      </main>
    </div>
  );
}

const Navigation = () => (
  <nav className="shell-nav" aria-label="Views">
    <Link to="/jobs">Jobs</Link>
    <Link to="/deployments">Deployments</Link>
    <Link to="/nodes">Nodes</Link>
    <Link to="/topology">Topology</Link>
    <Link to="/ingress">Ingress</Link>
    <Link to="/evaluations">Evaluations</Link>
    <Link to="/servers">Servers</Link>
  </nav>
);

function ThemeChoice() {
  const theme = useTheme();
  return (
    <label>
      <span className="visually-hidden">Colours</span>
      <select className="field" value={theme} onChange={({ target }) => writeTheme(target.value as Theme)}>
        {themes.map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
    </label>
  );
}
