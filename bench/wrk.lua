-- What wrk sends. After "--":  get | mint HOW_MANY_USERS | cookies FILE LABELS_FILE [in-order]
-- Cookies are 22 characters each, labels 26, with nothing between them.

local cookie_length, label_length = 22, 26
local mode, next_request

local function read(path)
    local file = assert(io.open(path, "rb"))
    local text = file:read("*a")
    file:close()
    return text
end

local function mints(count)
    local requests, at = {}, 0
    for i = 1, count do
        local body = wrk.body:gsub("@USER@", tostring(i))
        requests[i] = wrk.format("POST", nil, nil, body)
    end
    return function()
        at = at % count + 1
        return requests[at]
    end
end

local function sessions(cookies, labels, in_order)
    local count, label_count, at = #cookies / cookie_length, #labels / label_length, -1
    local start = "GET " .. wrk.path .. " HTTP/1.1\r\nHost: "
    local middle = wrk.headers["Host"]:gsub("^@LABEL@", "") .. "\r\nCookie: __Host-inlay="
    math.randomseed(1)
    return function()
        at = in_order and (at + 1) % count or math.random(0, count - 1)
        local cookie, label = at * cookie_length, at % label_count * label_length
        return start .. labels:sub(label + 1, label + label_length) .. middle
            .. cookies:sub(cookie + 1, cookie + cookie_length) .. "\r\n\r\n"
    end
end

function init(arguments)
    mode = arguments[1]
    if mode == "mint" then
        next_request = mints(tonumber(arguments[2]))
    elseif mode == "cookies" then
        next_request = sessions(read(arguments[2]), read(arguments[3]), arguments[4] == "in-order")
    else
        local request = wrk.format()
        next_request = function() return request end
    end
end

function request()
    return next_request()
end

function done(summary, latency)
    local errors = summary.errors
    io.write(string.format(
        'RESULT {"requests":%d,"microseconds":%d,"bytes":%d,"refused":%d,"broken":%d,"p50":%d,"p99":%d}\n',
        summary.requests, summary.duration, summary.bytes, errors.status,
        errors.connect + errors.read + errors.write + errors.timeout,
        latency:percentile(50), latency:percentile(99)))
end
