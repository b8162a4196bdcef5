/** service, its checks, and where its traffic comes in. */
import { attribute, block, freeForm, list, one, plainText } from './schema.ts';

const checkRestart = block({
  attributes: {
    limit: attribute('Limit', 'integer', { absent: 0 }),
    grace: attribute('Grace', 'duration'),
    ignore_warnings: attribute('IgnoreWarnings', 'bool', { absent: false }),
  },
});

const check = block({
  attributes: {
    id: plainText('Id'),
    name: plainText('Name'),
    type: plainText('Type'),
    command: plainText('Command'),
    args: attribute('Args', 'strings'),
    path: plainText('Path'),
    protocol: plainText('Protocol'),
    port: plainText('PortLabel'),
    expose: attribute('Expose', 'bool', { absent: false }),
    address_mode: plainText('AddressMode'),
    interval: attribute('Interval', 'duration', { absent: 0 }),
    timeout: attribute('Timeout', 'duration', { absent: 0 }),
    initial_status: plainText('InitialStatus'),
    tls_skip_verify: attribute('TLSSkipVerify', 'bool', { absent: false }),
    method: plainText('Method'),
    grpc_service: plainText('GRPCService'),
    grpc_use_tls: attribute('GRPCUseTLS', 'bool', { absent: false }),
    task: plainText('TaskName'),
    success_before_passing: attribute('SuccessBeforePassing', 'integer', { absent: 0 }),
    failures_before_critical: attribute('FailuresBeforeCritical', 'integer', { absent: 0 }),
    failures_before_warning: attribute('FailuresBeforeWarning', 'integer', { absent: undefined }),
    body: plainText('Body'),
    success_codes: attribute('SuccessCodes', 'string', { absent: undefined }),
    readiness: attribute('Readiness', 'bool', { absent: undefined }),
    initial_delay: attribute('InitialDelay', 'duration', { absent: undefined }),
    ignore_1xx: attribute('Ignore1xx', 'bool', { absent: undefined }),
    on_update: plainText('OnUpdate'),
  },
  blocks: {
    header: one('Header', freeForm('stringLists')),
    check_restart: one('CheckRestart', checkRestart),
  },
});

/** Ours: one way in. A service may have several. */
const ingress = block({
  attributes: {
    listen: attribute('Listen', 'integer', { required: true }),
    host: attribute('Host', 'string'),
    path: attribute('Path', 'string'),
    mode: attribute('Mode', 'string'),
    tls: attribute('TLS', 'bool', { absent: undefined }),
    redirect_listen: attribute('RedirectListen', 'integer', { absent: undefined }),
    protocol: attribute('Protocol', 'string', { absent: undefined }),
    send_proxy: attribute('SendProxy', 'string', { absent: undefined }),
    sticky: attribute('Sticky', 'string', { absent: undefined }),
    sticky_cookie: attribute('StickyCookie', 'string', { absent: undefined }),
    balance: attribute('Balance', 'string', { absent: undefined }),
    allow_from: attribute('AllowFrom', 'string', { absent: undefined }),
    auth_users: attribute('AuthUsers', 'string', { absent: undefined }),
    auth_realm: attribute('AuthRealm', 'string', { absent: undefined }),
    hsts: attribute('HSTS', 'duration', { absent: undefined }),
    canary_header: attribute('CanaryHeader', 'string', { absent: undefined }),
    canary_cookie: attribute('CanaryCookie', 'string', { absent: undefined }),
    canary_sticky: attribute('CanarySticky', 'bool', { absent: undefined }),
    request_timeout: attribute('RequestTimeout', 'duration', { absent: undefined }),
    idle_timeout: attribute('IdleTimeout', 'duration', { absent: undefined }),
    drain_deadline: attribute('DrainDeadline', 'duration'),
    drain_policy: attribute('DrainPolicy', 'string'),
    hold: attribute('Hold', 'duration'),
    hold_limit: attribute('HoldLimit', 'integer', { absent: undefined }),
    preview_listen: attribute('PreviewListen', 'integer', { absent: undefined }),
    preview_host: attribute('PreviewHost', 'string', { absent: undefined }),
  },
});

export const service = block({
  attributes: {
    id: plainText('Id'),
    name: plainText('Name'),
    tags: attribute('Tags', 'strings'),
    canary_tags: attribute('CanaryTags', 'strings'),
    enable_tag_override: attribute('EnableTagOverride', 'bool', { absent: false }),
    port: plainText('PortLabel'),
    address_mode: plainText('AddressMode'),
    task: plainText('TaskName'),
    on_update: plainText('OnUpdate'),
    provider: attribute('Provider', 'string', { absent: undefined }),
  },
  blocks: {
    check: list('Checks', check),
    check_restart: one('CheckRestart', checkRestart),
    connect: one('Connect', freeForm('wire')),
    meta: one('Meta', freeForm('stringMap')),
    canary_meta: one('CanaryMeta', freeForm('stringMap')),
    ingress: list('Ingress', ingress, { absent: undefined }),
  },
});
