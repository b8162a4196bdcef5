/**
 * The script by which HAProxy itself keeps requests waiting while no instance is ready: a pool without instances sends
 * them to an inner frontend, which runs this and comes back with a pool. It reads the same maps as the outer frontends.
 */
import { type HaproxyFiles, mapFile } from './files.ts';
import { MAP } from './wanted.ts';

const POLL_MS = 5;

/** `maxHeld`: how many requests may wait at a time, in each worker. */
export function holdScript(files: HaproxyFiles, maxHeld: number): string {
  return `-- Written by Serin.
local pools = Map.new("${mapFile(files, MAP.pools)}", Map._str)
local holds = Map.new("${mapFile(files, MAP.holds)}", Map._str)
local limits = Map.new("${mapFile(files, MAP.limits)}", Map._str)
local held, held_by = 0, {}
local looked = {}

local function now_ms()
  local now = core.now()
  return now.sec * 1000 + now.usec / 1000
end

-- Whether a slot has an instance; looked up once for all requests that wait.
local function is_ready(slot, at_ms)
  local known = looked[slot]
  if known ~= nil and at_ms - known.at_ms < ${POLL_MS - 1} and at_ms >= known.at_ms then return known.ready end
  local backend = core.backends[slot]
  local ready = backend ~= nil and (tonumber(backend:get_stats().act) or 0) > 0
  looked[slot] = { at_ms = at_ms, ready = ready }
  return ready
end

-- The shares of the value, without the pools that have no instance.
local function choose(value, at_ms)
  local open, total, before, threshold = {}, 0, 0, nil
  for part in string.gmatch(value or "", "[^/]+") do
    local number = tonumber(part)
    if number then
      threshold = number
    else
      local share = (threshold or 1000000) - before
      before, threshold = threshold or before, nil
      if is_ready(part, at_ms) then
        total = total + share
        open[#open + 1] = { slot = part, upto = total }
      end
    end
  end
  local random = math.random() * total
  for _, pool in ipairs(open) do
    if random < pool.upto then return pool.slot end
  end
end

local function wait(txn, service)
  local from_ms = now_ms()
  while true do
    local at_ms = now_ms()
    local value = pools:lookup(service)
    -- A reload has left this worker: the next one knows more.
    local slot = value == service .. "::next" and value or choose(value, at_ms)
    if slot ~= nil then
      txn:set_var("txn.pool", slot)
      return
    end
    if at_ms - from_ms >= (tonumber(holds:lookup(service)) or 0) then return end
    core.msleep(${POLL_MS})
  end
end

core.register_action("serin_hold", { "http-req", "tcp-req" }, function(txn, service)
  local here = held_by[service] or 0
  if held >= ${maxHeld} or here >= (tonumber(limits:lookup(service)) or ${maxHeld}) then return end
  held, held_by[service] = held + 1, here + 1
  local ok, message = pcall(wait, txn, service)
  held, held_by[service] = held - 1, held_by[service] - 1
  if not ok then core.Alert(message) end
end, 1)
`;
}
