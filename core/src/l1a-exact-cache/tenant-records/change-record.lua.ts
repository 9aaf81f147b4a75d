import { MAX_QUARANTINE } from '@isartor/shared';

/**
 * changeRecord as one step inside Redis, so that two changes at the same time both take effect.
 * KEYS[1]: the tenant's record. ARGV: kind of change, its layer or digest, unix ms, the random part of a new epoch.
 * Returns the record before (false: none) and after. The JSON is written by hand: cjson makes `{}` of an empty list.
 * Names of layers that this version does not know are kept; a damaged record is made anew from what can be read of it.
 */
export const CHANGE_RECORD_LUA = `
local before = redis.call('GET', KEYS[1])
local record = {}
if before then
  local readable, value = pcall(cjson.decode, before)
  if readable and type(value) == 'table' then record = value end
end

-- The texts of a list that match, each once.
local function texts(list, pattern, length)
  local kept, seen = {}, {}
  if type(list) ~= 'table' then return kept, seen end
  for _, text in ipairs(list) do
    if type(text) == 'string' and string.match(text, pattern) and #text <= length and not seen[text] then
      seen[text] = true
      kept[#kept + 1] = text
    end
  end
  return kept, seen
end

local off, isOff = texts(record.off, '^[a-z0-9-]+$', 32)
local quarantine, isQuarantined = texts(record.quarantine, '^[0-9a-f]+$', 64)
local epoch, ms = nil, 0
if type(record.epoch) == 'string' then
  local digits = string.match(record.epoch, '^(%d+)-%w+$')
  if digits and #digits <= 15 then epoch, ms = record.epoch, tonumber(digits) end
end

local function renew()
  epoch = string.format('%.0f-%s', math.max(tonumber(ARGV[3]), ms + 1), ARGV[4])
end

local kind, what = ARGV[1], ARGV[2]
if not epoch then renew() end
if kind == 'purge' then
  renew()
  quarantine = {}
elseif kind == 'switch-off' then
  if not isOff[what] then off[#off + 1] = what end
elseif kind == 'switch-on' then
  local on = {}
  for _, layer in ipairs(off) do if layer ~= what then on[#on + 1] = layer end end
  off = on
elseif kind == 'quarantine' then
  if not isQuarantined[what] then
    if #quarantine >= ${MAX_QUARANTINE} then
      renew()
      quarantine = {}
    else
      quarantine[#quarantine + 1] = what
    end
  end
else
  return redis.error_reply('ERR unknown change')
end
table.sort(off)

local function list(items)
  if #items == 0 then return '[]' end
  return '["' .. table.concat(items, '","') .. '"]'
end
local after = '{"epoch":"' .. epoch .. '","off":' .. list(off) .. ',"quarantine":' .. list(quarantine) .. '}'
redis.call('SET', KEYS[1], after)
return { before, after }
`;
