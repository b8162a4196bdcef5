/** How the instance is reached: its ports, its services, and what the ingresses say of it. */
import type { AllocView } from '../../src/api/views.ts';
import type { AllocServiceStatus, AllocTraffic } from '../../src/model/allocation.ts';
import { Badge, type Tone } from '../kit/badge.tsx';
import { Facts } from '../kit/facts.tsx';
import { Panel } from '../kit/panel.tsx';
import { portAddress, portUrl } from './port-url.ts';
import { trafficWords } from './traffic-words.ts';

export function TrafficPanel({ alloc }: { readonly alloc: AllocView }) {
  const ports = alloc.AllocatedResources?.Shared.Ports ?? [];
  const services = alloc.Services ?? [];
  if (ports.length === 0 && services.length === 0 && !alloc.Traffic) return null;
  return (
    <Panel title="Ports and services">
      <div className="stack">
        {ports.length > 0 && (
          <Facts
            of={Object.fromEntries(
              ports.map((port) => [
                port.Label,
                <a key={port.Label} className="mono" href={portUrl(port)} target="_blank" rel="noreferrer">
                  {portAddress(port)}
                </a>,
              ]),
            )}
          />
        )}
        {services.map((service) => (
          <Service key={`${service.Service} ${service.PortLabel}`} service={service} />
        ))}
        {alloc.Traffic && <Traffic traffic={alloc.Traffic} />}
      </div>
    </Panel>
  );
}

const TONES: Readonly<Record<AllocServiceStatus['Status'], Tone>> = {
  passing: 'good',
  critical: 'bad',
  draining: 'wait',
};

const Service = ({ service }: { readonly service: AllocServiceStatus }) => (
  <div className="row">
    <span>Service {service.Service}</span>
    <Badge tone={TONES[service.Status]}>{service.Status}</Badge>
    <span className="soft">port {service.PortLabel || service.Port}</span>
  </div>
);

const Traffic = ({ traffic }: { readonly traffic: AllocTraffic }) => (
  <p className={traffic.Owing.length > 0 ? 'note' : 'soft'} data-tone={traffic.Owing.length > 0 ? 'wait' : undefined}>
    {trafficWords(traffic)}
  </p>
);
