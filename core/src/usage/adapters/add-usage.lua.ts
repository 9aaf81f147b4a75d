/**
 * Adds one process's rows of one tenant and hour, and once only: each sender numbers what it sends, in its order. A row
 * is one field; past the bound its counts go to the field of the other models.
 * KEYS: the hash. ARGV: seconds to live, most fields, sender, its number, counts a row, then of each row: field, field
 * of the others, counts.
 */
export const ADD_USAGE_LUA = `
local last = redis.call('HGET', KEYS[1], ARGV[3])
if last and tonumber(last) >= tonumber(ARGV[4]) then return 0 end
redis.call('HSET', KEYS[1], ARGV[3], ARGV[4])
local width = tonumber(ARGV[5])
local at = 6
while ARGV[at] do
  local field = ARGV[at]
  local held = redis.call('HGET', KEYS[1], field)
  if not held and redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[2]) then
    field = ARGV[at + 1]
    held = redis.call('HGET', KEYS[1], field)
  end
  local sums = {}
  for sum in string.gmatch(held or '', '%d+') do sums[#sums + 1] = tonumber(sum) end
  for i = 1, width do
    sums[i] = string.format('%.0f', (sums[i] or 0) + tonumber(ARGV[at + 1 + i]))
  end
  redis.call('HSET', KEYS[1], field, table.concat(sums, ' '))
  at = at + 2 + width
end
redis.call('EXPIRE', KEYS[1], ARGV[1])
return 1
`;
