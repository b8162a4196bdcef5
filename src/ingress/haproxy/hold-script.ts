/**
 * In HAProxy's script: how requests are kept waiting while no instance is ready. A pool without instances sends them to
 * an inner frontend, which runs this and comes back with a pool. It reads the same maps as the outer frontends.
 */
import { POLL_MS } from './choice-script.ts';

/** `maxHeld`: how many requests may wait at a time, in each worker. */
export const holdScript = (maxHeld: number): string => `
local held, held_by = 0, {}

-- Where a request can go now. Whoever wants no canary waits for the others.
local function way_now(txn, service, wish, at_ms)
  local value = pools:lookup(service)
  -- A reload has left this worker: the next one knows more.
  if value == service .. "::next" then return value end
  if wish == nil then return choose(value, at_ms) end
  local wanted, place = wished(txn, service, wish)
  local slot, at = choose(wanted, at_ms)
  if slot ~= nil or (wish.word == "never" and wanted ~= nil) then return slot, at end
  return choose(value, at_ms, place)
end

local function wait(txn, service)
  local from_ms = now_ms()
  local wish = txn.sf ~= nil and wish_of(txn, service) or nil
  while true do
    local at_ms = now_ms()
    local slot, place = way_now(txn, service, wish, at_ms)
    if slot ~= nil then
      txn:set_var("txn.pool", slot)
      if place ~= nil then txn:set_var("txn.place", place) end
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
