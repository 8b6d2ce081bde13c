-- wrk … -s paced.lua <url> -- <milliseconds>
-- Each connection rests up to so long before it asks again, so that the clients and not the server decide how much is asked.
local longest = 0

function init(arguments)
  longest = tonumber(arguments[1])
end

function delay()
  return math.random(0, longest)
end
