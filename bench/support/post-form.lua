-- wrk … -s post-form.lua <url> -- <form>
function init(arguments)
  wrk.method = 'POST'
  wrk.headers['Content-Type'] = 'application/x-www-form-urlencoded'
  wrk.body = arguments[1]
end
