"""Where a session is whose name was made with another key of the index: a marker under each name leads to it.

Work in the queue and messages on their way know a session by the name that it had when they were made.
"""

LIFE = 26 * 3600  # seconds from the last save; no work and no message is older than a day
HOPS = 8  # no session is moved more often while anybody knows its first name
MARK = b">"  # no key's id begins with it

# The session under the first of the names KEYS[n...] that leads to one, and where it is.
FIND = f"""
local function find(n)
  for k = n, #KEYS do
    local at = KEYS[k]
    for _ = 1, {HOPS} do
      local value = redis.call('GET', at)
      if not value then break end
      if string.sub(value, 1, 1) ~= '{MARK.decode()}' then return value, at end
      at = string.sub(value, 2)
    end
  end
  return false, false
end
"""
# Let every other name lead to `home`, and no name but that be in the set of ends.
MOVE = f"""
local function move(n, at, home, ends)
  local function lead(key)
    if key == home then return end
    redis.call('SET', key, '{MARK.decode()}' .. home, 'EX', {LIFE})
    redis.call('ZREM', ends, key)
  end
  for k = n, #KEYS do lead(KEYS[k]) end
  if at then lead(at) end
end
"""


def moved_to(value: bytes) -> str:
    """The name to which a marker leads; "" for a session."""
    return value[1:].decode() if value.startswith(MARK) else ""
