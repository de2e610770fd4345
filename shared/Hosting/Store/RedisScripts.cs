namespace JitsiMesh.Hosting.Store;

/// <summary>
/// Atomic operations as Lua scripts in Redis. A document is a hash of its fields with the epoch as <c>e</c>; a deleted one leaves its epoch under a second key for a while.
/// Placements are one hash of "deadline|value" texts, because SCAN over all keys at each admission would cost in proportion to the number of rooms. Foreign values in their
/// place (another type, a text without its deadline, an epoch that is not a number) are ignored or replaced: one such value must not fail the call for all others.
/// </summary>
internal static class RedisScripts
{
    // KEYS: document, tombstone. ARGV: epoch, number of puts, then name and value of each, then the names to remove.
    public const string Write = """
        local epoch = tonumber(ARGV[1])
        if redis.call('EXISTS', KEYS[1]) == 1 and redis.call('TYPE', KEYS[1]).ok ~= 'hash' then redis.call('DEL', KEYS[1]) end
        if redis.call('EXISTS', KEYS[2]) == 1 and redis.call('TYPE', KEYS[2]).ok ~= 'string' then redis.call('DEL', KEYS[2]) end
        local last = tonumber(redis.call('HGET', KEYS[1], 'e') or redis.call('GET', KEYS[2]) or '0') or 0
        if last > epoch then return 0 end
        local puts = tonumber(ARGV[2])
        for i = 3 + 2 * puts, #ARGV do redis.call('HDEL', KEYS[1], ARGV[i]) end
        for i = 3, 1 + 2 * puts, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
        redis.call('HSET', KEYS[1], 'e', ARGV[1])
        redis.call('DEL', KEYS[2])
        return 1
        """;

    // KEYS: document, tombstone. ARGV: epoch, lifetime of the tombstone in milliseconds.
    public const string Delete = """
        local epoch = tonumber(ARGV[1])
        if redis.call('EXISTS', KEYS[1]) == 1 and redis.call('TYPE', KEYS[1]).ok ~= 'hash' then redis.call('DEL', KEYS[1]) end
        if redis.call('EXISTS', KEYS[2]) == 1 and redis.call('TYPE', KEYS[2]).ok ~= 'string' then redis.call('DEL', KEYS[2]) end
        local last = tonumber(redis.call('HGET', KEYS[1], 'e') or redis.call('GET', KEYS[2]) or '0') or 0
        if last > epoch then return 0 end
        redis.call('DEL', KEYS[1])
        redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])
        return 1
        """;

    // KEYS: placements. ARGV: key, value, lifetime in milliseconds.
    public const string SetPlacement = """
        local t = redis.call('TIME')
        local now = t[1] * 1000 + math.floor(t[2] / 1000)
        if redis.call('EXISTS', KEYS[1]) == 1 and redis.call('TYPE', KEYS[1]).ok ~= 'hash' then redis.call('DEL', KEYS[1]) end
        redis.call('HSET', KEYS[1], ARGV[1], string.format('%.0f|', now + tonumber(ARGV[3])) .. ARGV[2])
        if redis.call('HLEN', KEYS[1]) > 512 and math.floor(now / 1000) % 10 == 0 then
          local all = redis.call('HGETALL', KEYS[1])
          for i = 1, #all, 2 do
            if (tonumber(string.match(all[i + 1], '^(%d+)|') or '') or 0) <= now then redis.call('HDEL', KEYS[1], all[i]) end
          end
        end
        return 1
        """;

    // KEYS: placements. ARGV: key. Returns the value, or nil.
    public const string GetPlacement = """
        local text = redis.call('HGET', KEYS[1], ARGV[1])
        if not text then return nil end
        local t = redis.call('TIME')
        local deadline, value = string.match(text, '^(%d+)|(.*)$')
        if not deadline or tonumber(deadline) <= t[1] * 1000 + math.floor(t[2] / 1000) then return nil end
        return value
        """;

    // KEYS: document. Returns its fields and values; nothing if it is not a document.
    public const string Read = """
        if redis.call('EXISTS', KEYS[1]) == 0 or redis.call('TYPE', KEYS[1]).ok ~= 'hash' then return {} end
        return redis.call('HGETALL', KEYS[1])
        """;

    // KEYS: tally. ARGV: the amount to add, lifetime in milliseconds. Returns the sum.
    public const string Tally = """
        local amount = tonumber(ARGV[1])
        local sum = 0
        if redis.call('EXISTS', KEYS[1]) == 1 then
          if redis.call('TYPE', KEYS[1]).ok == 'string' then sum = tonumber(redis.call('GET', KEYS[1])) end
          if not sum or not (sum >= 0 and sum < 1e15) or redis.call('PTTL', KEYS[1]) < 0 then
            redis.call('DEL', KEYS[1])
            sum = 0
          end
        end
        if amount == 0 or (amount < 0 and sum == 0) then return sum end
        sum = math.max(0, sum + amount)
        local left = redis.call('PTTL', KEYS[1])
        redis.call('SET', KEYS[1], string.format('%.0f', sum), 'PX', left > 0 and left or ARGV[2])
        return sum
        """;

    // KEYS: placements. ARGV: prefix. Returns key, value, key, value …
    public const string GetPlacements = """
        local t = redis.call('TIME')
        local now = t[1] * 1000 + math.floor(t[2] / 1000)
        local found = {}
        local all = redis.call('HGETALL', KEYS[1])
        for i = 1, #all, 2 do
          if string.sub(all[i], 1, #ARGV[1]) == ARGV[1] then
            local deadline, value = string.match(all[i + 1], '^(%d+)|(.*)$')
            if deadline and tonumber(deadline) > now then
              found[#found + 1] = all[i]
              found[#found + 1] = value
            end
          end
        end
        return found
        """;
}
