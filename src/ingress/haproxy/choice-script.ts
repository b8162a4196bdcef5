/** In HAProxy's script: which pool of a choice (see pool-choice.ts) a request goes to, when not all have an instance. */
import { CHOICE_RANGE } from './pool-choice.ts';

/** How old what is known of a slot may be. */
export const POLL_MS = 5;

export const choiceScript = (): string => `
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

-- The pools of a value that have an instance, each with its part of the line.
local function open_pools(value, at_ms)
  local open, from, upto, total = {}, 0, nil, 0
  for part in string.gmatch(value or "", "[^/]+") do
    local number = tonumber(part)
    if number then
      upto = number
    else
      upto = upto or ${CHOICE_RANGE}
      if is_ready(part, at_ms) then
        total = total + upto - from
        open[#open + 1] = { slot = part, from = from, upto = upto }
      end
      from, upto = upto, nil
    end
  end
  return open, total
end

-- The pool whose part a place is in; else one by their shares, and a place in its part.
local function choose(value, at_ms, place)
  local open, total = open_pools(value, at_ms)
  for _, pool in ipairs(open) do
    if place ~= nil and place >= pool.from and place < pool.upto then return pool.slot, place end
  end
  local random = math.random() * total
  for _, pool in ipairs(open) do
    local share = pool.upto - pool.from
    if random < share then return pool.slot, math.floor(pool.from + random) end
    random = random - share
  end
end
`;
