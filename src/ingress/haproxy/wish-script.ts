/** In HAProxy's script: where a request would like to go, by the cookies and headers that its service has named. */
export const WISH_SCRIPT = `
local specs = {}

-- Of a service that hears wishes: what to look for. Read once for each text.
local function spec_of(service)
  local text = wishes:lookup(service)
  if text == nil then return nil end
  local spec = specs[text]
  if spec == nil then
    local sticky, header, cookie, mark, trial = string.match(text, "^([^,]*),([^,]*),([^,]*),([^,]*),([^,]*)$")
    spec = { sticky = sticky, header = header, cookie = cookie, mark = mark, trial = trial }
    specs[text] = spec
  end
  return spec
end

local function cookie_of(txn, name)
  if name == nil or name == "" then return "" end
  return txn.sf:req_cook(name)
end

local function word_of(text)
  local word = string.lower(text)
  if word == "always" or word == "never" then return word end
end

-- What it says, as variables too: what is answered depends on them. nil: its service hears nothing.
local function wish_of(txn, service)
  local spec = spec_of(service)
  if spec == nil then return nil end
  local wish = { trial = spec.trial, sticky = cookie_of(txn, spec.sticky), mark = cookie_of(txn, spec.mark) }
  if spec.header ~= "" then wish.word = word_of(txn.sf:req_fhdr(spec.header, 1)) end
  wish.word = wish.word or word_of(cookie_of(txn, spec.cookie))
  if wish.word ~= nil then txn:set_var("txn.word", wish.word) end
  if wish.mark ~= "" then txn:set_var("txn.mark", wish.mark) end
  return wish
end

-- The slot and the server of its client's cookie, unless its word is against that pool.
local function known_place(service, wish)
  if wish.sticky == "" then return nil end
  local text = stickies:lookup(service .. "/" .. wish.sticky)
  if text == nil then return nil end
  local slot, server, pool = string.match(text, "^([^/]+)/([^/]+)/([^/]+)$")
  local unwanted = wish.word and (wish.word == "never" and "canary" or "stable")
  if pool ~= unwanted then return slot, server end
end

-- The pool that its mark binds it to, or its place on the line.
local function bound_place(service, wish)
  if wish.trial == "" or wish.mark == "" or wish.word ~= nil then return nil end
  local trial, place = string.match(wish.mark, "^([^.]+)%.(%d+)$")
  if trial == wish.trial and #place <= 6 then return nil, tonumber(place) end
  return marks:lookup(service .. "/" .. wish.mark)
end

-- A value to choose by; nil: wherever. And its place on the line, if it has one.
local function wished(txn, service, wish)
  local slot, server = known_place(service, wish)
  if slot ~= nil then
    txn:set_var("txn.server", server)
    return slot
  end
  if wish.word ~= nil then return wishes:lookup(service .. "/" .. wish.word) end
  local bound, place = bound_place(service, wish)
  if bound ~= nil or place ~= nil then txn:set_var("txn.bound", 1) end
  return bound, place
end

core.register_action("serin_wish", { "http-req" }, function(txn)
  local service = txn:get_var("txn.service")
  -- A reload has left this worker: the next one is asked.
  if txn:get_var("txn.pool") == service .. "::next" then return end
  local wish = wish_of(txn, service)
  if wish == nil then return end
  local value, place = wished(txn, service, wish)
  if value ~= nil then txn:set_var("txn.pool", value) end
  if place ~= nil then txn:set_var("txn.place", place) end
end)
`;
