/** In HAProxy's script: what a client names in "Connection" concerns this hop alone (RFC 9110, 7.6.1). */
export const HOP_SCRIPT = `
-- Without these nobody could read the message any more; "Upgrade" passes with the connection that it speaks of.
local kept = {}
for name in string.gmatch("close keep-alive upgrade host content-length transfer-encoding connection", "%S+") do
  kept[name] = true
end

core.register_action("serin_hop", { "http-req" }, function(txn)
  local fields = txn.http:req_get_headers()["connection"] or {}
  for _, value in pairs(fields) do
    for name in string.gmatch(string.lower(value), "[^,%s]+") do
      if not kept[name] then txn.http:req_del_header(name) end
    end
  end
end)
`;
