-- Prepared requests in turn, as fast as they are answered or at a steady pace; prints one line of JSON.
-- wrk ... -s wrk.lua URL -- PLAN RATE
-- PLAN, tab-separated: lines "# NAME VALUE" for headers on every request, then "METHOD PATH BODY" for each request.

local ffi = require("ffi")
ffi.cdef [[
  typedef struct { long seconds; long microseconds; } anslut_time;
  int gettimeofday(anslut_time *time, void *zone);
]]
local time = ffi.new("anslut_time")

local function now()
  ffi.C.gettimeofday(time, nil)
  return tonumber(time.seconds) + tonumber(time.microseconds) / 1e6
end

local prepared, position, rate, due = {}, 0, 0, nil

function init(args)
  for line in io.lines(args[1]) do
    local first, second, third = line:match("^([^\t]*)\t([^\t]*)\t(.*)$")
    if first == "#" then
      wrk.headers[second] = third
    else
      prepared[#prepared + 1] = wrk.format(first, second, nil, third ~= "" and third or nil)
    end
  end
  rate = tonumber(args[2])
end

function request()
  position = position % #prepared + 1
  return prepared[position]
end

-- Milliseconds to wait before the next request. The timetable is absolute, so a late answer is caught up with and not
-- forgotten; after a whole second of lateness it starts afresh.
function delay()
  if rate == 0 then return 0 end
  local at = now()
  if due == nil or due < at - 1 then due = at end
  due = due + 1 / rate
  return math.max(0, math.floor((due - at) * 1000 + 0.5))
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    'RESULT {"answers": %d, "seconds": %.3f, "failed": %d, "p50_milliseconds": %.3f, "p99_milliseconds": %.3f}\n',
    summary.requests, summary.duration / 1e6,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000))
end
