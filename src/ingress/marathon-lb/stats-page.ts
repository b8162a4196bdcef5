/** `/haproxy?stats`: what the CSV says, for people. */
import type { LbListener, LbServer, LbView } from './listeners.ts';

export function statsPage({ table, report }: LbView, listeners: readonly LbListener[]): string {
  const title = `${report.Name}: ${report.DataPlane} data plane`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${text(title)}</title>
<style>body{font:14px sans-serif;margin:2em}table{border-collapse:collapse;margin:0 0 2em}td,th{border:1px solid #bbb;padding:2px 8px;text-align:left}
.UP{background:#d6f5d6}.MAINT{background:#f5e6c8}.DOWN{background:#f5d0d0}</style></head>
<body><h1>${text(title)}</h1>
<p>The routing table at index ${table?.Index ?? 0}. <a href="/haproxy?stats;csv">As CSV</a></p>
${listeners.map(section).join('\n')}
</body></html>
`;
}

const section = ({ name, listen, mode, isOpen, requests, errors, servers }: LbListener): string =>
  `<h2>${text(name)}</h2>
<p>Port ${listen}, ${mode}${isOpen ? '' : ', cannot listen'}: ${requests} requests, ${errors} errors.</p>
<table><tr><th>Server</th><th>Address</th><th>Status</th><th>In flight</th></tr>
${servers.map(row).join('\n')}</table>`;

const row = ({ name, address, port, status, inFlight }: LbServer): string =>
  `<tr class="${status}"><td>${text(name)}</td><td>${text(address)}:${port}</td><td>${status}</td><td>${inFlight}</td></tr>`;

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

const text = (words: string): string => words.replace(/[&<>"]/g, (char) => ENTITIES[char]!);
