-- Each thread of wrk sends what its file says over its one connection, one request after another, and stops: a client that
-- costs next to nothing, so that what is measured is the registry.
--   blob <digest> <bytes>                  POST, PATCH, PUT, as docker does
--   manifest <tag> <media type> <bytes>    PUT
-- Arguments: directory of the files 1, 2, …; repository; token or nothing.

-- Says `started` and `finished` with the time in seconds, or `wrong` and why; wrk itself runs until it is interrupted.

local ffi = require("ffi")
ffi.cdef "typedef struct { long seconds; long nanoseconds; } berth_time; int clock_gettime(int clock, berth_time *time);"

local count = 0

function setup(thread)
  count = count + 1
  thread:set("number", count)
end

local function say(what)
  local now = ffi.new("berth_time")
  ffi.C.clock_gettime(1, now)
  io.write(what, " ", string.format("%.6f", tonumber(now.seconds) + tonumber(now.nanoseconds) / 1e9), "\n")
  io.flush()
end

function init(args)
  base = "/v2/" .. args[2]
  headers = { ["Content-Type"] = "application/octet-stream" }
  if args[3] then headers["Authorization"] = "Bearer " .. args[3] end
  items, at, step = {}, 1, "begin"
  local file = assert(io.open(args[1] .. "/" .. number, "rb"))
  for line in file:lines() do
    local kind, name, rest = line:match("^(%S+) (%S+) (.+)$")
    local mediaType, size = rest:match("^(%S+) (%d+)$")
    items[#items + 1] = { kind = kind, name = name, mediaType = mediaType, body = file:read(tonumber(size or rest)) }
  end
  file:close()
end

local function path(address)
  return (address:gsub("^http://[^/]+", ""))
end

-- May be asked twice for the first request, so only an answer moves on.
function request()
  local item = items[at]
  if not item then return wrk.format("GET", "/v2/", headers) end
  if not started then say("started") end
  started = true
  if item.kind == "manifest" then
    local typed = { ["Content-Type"] = item.mediaType, ["Authorization"] = headers["Authorization"] }
    return wrk.format("PUT", base .. "/manifests/" .. item.name, typed, item.body)
  end
  if step == "begin" then return wrk.format("POST", base .. "/blobs/uploads/", headers, "") end
  if step == "send" then return wrk.format("PATCH", location, headers, item.body) end
  local separator = location:find("?", 1, true) and "&" or "?"
  return wrk.format("PUT", location .. separator .. "digest=" .. item.name, headers, "")
end

local function next_item()
  at, step = at + 1, "begin"
  if not items[at] then
    say("finished")
    wrk.thread:stop()
  end
end

function response(status, answered)
  local item = items[at]
  if not item then return end
  local expected = (item.kind == "manifest" or step == "finish") and 201 or 202
  if status ~= expected then
    say("wrong " .. step .. " of " .. item.name .. " answered " .. status)
    return wrk.thread:stop()
  end
  if expected == 201 then return next_item() end
  for name, value in pairs(answered) do
    if name:lower() == "location" then location = path(value) end
  end
  step = step == "begin" and "send" or "finish"
end
